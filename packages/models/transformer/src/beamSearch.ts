import { specialTokens } from '@flatmin/core/plugin';

export interface BeamOptions {
  /** Hypotheses kept for each source. */
  readonly beam: number;
  /**
   * A finished hypothesis of score s, the sum of its log-probabilities, is worth s / length^lengthPenalty; its end
   * counts.
   */
  readonly lengthPenalty: number;
}

/** A hypothesis of a source, by the row it goes on from in the last request. */
export interface Live {
  readonly row: number;
  readonly token: number;
  readonly score: number;
}

/** A hypothesis made longer. */
export interface Candidate {
  /** Which of the source's hypotheses. */
  readonly from: number;
  readonly token: number;
  /** The sum of the log-probabilities of all its tokens. */
  readonly score: number;
}

export interface ExpandRequest {
  /** Numbers of the sources that are not finished, in order. */
  readonly sources: readonly number[];
  /** `beam` hypotheses of each; those of score -Infinity fill up. */
  readonly live: readonly (readonly Live[])[];
  /** What may follow, for each source: anything but the end, anything, the end alone. */
  readonly allowed: readonly Allowed[];
}

export type Allowed = 'tokens' | 'any' | 'end';

/**
 * The `2 beam` best candidates of each source, the best first; fewer, or of score -Infinity, where there are not as
 * many.
 */
export type Expand = (request: ExpandRequest) => Promise<readonly (readonly Candidate[])[]>;

interface Hypothesis extends Live {
  readonly tokens: readonly number[];
}

interface Search {
  readonly source: number;
  live: readonly Hypothesis[];
  finished: number;
  best: { readonly tokens: readonly number[]; readonly worth: number };
}

/**
 * Beam search as fairseq does it. Of each source, the `beam` best hypotheses go on; a step takes the 2 beam best of
 * their continuations, those that end among the first `beam` of them are finished, the first `beam` that do not end go
 * on. A source is done with `beam` finished hypotheses or at its longest length, where only the end may follow. The
 * first token is none.
 *
 * @param longest the greatest number of tokens for each source, without the end; at least 1.
 * @returns the finished hypothesis of the greatest worth for each source, without begin and end.
 */
export async function beamSearch(
  longest: readonly number[],
  expand: Expand,
  { beam, lengthPenalty }: BeamOptions,
): Promise<readonly (readonly number[])[]> {
  const start = { row: 0, token: specialTokens.begin, tokens: [] };
  const searches = longest.map((_, source): Search => ({
    source,
    live: filledUp([{ ...start, row: source * beam, score: 0 }], beam),
    finished: 0,
    best: { tokens: [], worth: -Infinity },
  }));
  for (let length = 0, open = searches; open.length > 0; length++) {
    const allowed = open.map(({ source }): Allowed =>
      length >= (longest[source] as number) ? 'end' : length === 0 ? 'tokens' : 'any',
    );
    const candidates = await expand({
      sources: open.map(({ source }) => source),
      live: open.map(({ live }) => live),
      allowed,
    });
    open.forEach((search, i) =>
      advance(search, candidates[i] as Candidate[], { beam, row: i * beam, share: (length + 1) ** -lengthPenalty }),
    );
    open = open.filter(({ finished, live }, i) => finished < beam && allowed[i] !== 'end' && live.length > 0);
  }
  return searches.map(({ best }) => best.tokens);
}

function advance(
  search: Search,
  candidates: readonly Candidate[],
  { beam, row, share }: { beam: number; row: number; share: number },
): void {
  const next: Hypothesis[] = [];
  candidates.forEach(({ from, token, score }, rank) => {
    if (score === -Infinity) return;
    const { tokens } = search.live[from] as Hypothesis;
    if (token !== specialTokens.end) {
      if (next.length < beam) next.push({ row: row + from, token, score, tokens: [...tokens, token] });
    } else if (rank < beam && search.finished < beam) {
      search.finished++;
      if (score * share > search.best.worth) search.best = { tokens, worth: score * share };
    }
  });
  search.live = next.length > 0 ? filledUp(next, beam) : [];
}

/** As many as a beam has, those that are missing so unlikely that nothing comes of them. */
function filledUp(hypotheses: readonly Hypothesis[], beam: number): readonly Hypothesis[] {
  const last = hypotheses.at(-1) as Hypothesis;
  return Array.from({ length: beam }, (_, i) => hypotheses[i] ?? { ...last, score: -Infinity });
}
