import { RandomStream } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Allowed, beamSearch, type Candidate, type Expand } from './beamSearch.js';

/** Log-probabilities of what follows a prefix: ids 0 to classes - 1, of which 0 and 1 never come and 2 is the end. */
type Language = (source: number, prefix: readonly number[]) => readonly number[];

/** For each prefix other numbers; the end has `ending` added. */
const randomLanguage =
  (seed: number, classes: number, ending = 0): Language =>
  (source, prefix) => {
    const stream = prefix.reduce((at, token) => at.at(token), new RandomStream(seed).at(source));
    const numbers = [...stream.normals(classes)].map((value, id) => 1.5 * value + (id === 2 ? ending : 0));
    const total = Math.log(numbers.reduce((sum, value) => sum + Math.exp(value), 0));
    return numbers.map((value) => value - total);
  };

const allows = (allowed: Allowed, id: number): boolean =>
  allowed === 'end' ? id === 2 : id > 2 || (id === 2 && allowed === 'any');

/** What a network does, by rows: the prefixes are found again by the rows that hypotheses go on from. */
function expanding(language: Language, beam: number): Expand {
  let prefixes: (readonly number[])[] = [];
  return ({ sources, live, allowed }) => {
    const now = live.map((hypotheses) =>
      hypotheses.map(({ row, token }) => (prefixes.length === 0 ? [] : [...(prefixes[row] as number[]), token])),
    );
    prefixes = now.flat();
    const best = sources.map((source, i) => {
      const all = (live[i] ?? []).flatMap(
        ({ score }, from) =>
        language(source, now[i]?.[from] as number[]).map((value, token): Candidate => ({ from, token, score: allows(allowed[i] as Allowed, token) ? score + value : -Infinity })), // prettier-ignore
      );
      return all.sort((a, b) => b.score - a.score).slice(0, 2 * beam);
    });
    return Promise.resolve(best);
  };
}

/** The best of all targets of 1 to `longest` tokens. */
function exhaustive(language: Language, source: number, classes: number, longest: number, lengthPenalty: number) {
  let best = { tokens: [] as readonly number[], worth: -Infinity };
  const visit = (tokens: readonly number[], score: number): void => {
    const following = language(source, tokens);
    const worth = (score + (following[2] as number)) / (tokens.length + 1) ** lengthPenalty;
    if (tokens.length > 0 && worth > best.worth) best = { tokens, worth };
    if (tokens.length === longest) return;
    for (let id = 3; id < classes; id++) visit([...tokens, id], score + (following[id] as number));
  };
  visit([], 0);
  return best.tokens;
}

/** The likeliest token each time. */
function greedy(language: Language, source: number, longest: number): readonly number[] {
  const tokens: number[] = [];
  while (tokens.length < longest) {
    const following = [...language(source, tokens)].map((value, id) => (allows(tokens.length === 0 ? 'tokens' : 'any', id) ? value : -Infinity)); // prettier-ignore
    const token = following.indexOf(Math.max(...following));
    if (token === 2) break;
    tokens.push(token);
  }
  return tokens;
}

const problems = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  longest: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  classes: fc.integer({ min: 4, max: 6 }),
  lengthPenalty: fc.constantFrom(0, 0.6, 1, 2),
});

describe('beamSearch', () => {
  it('finds the best of all targets where the beam is wide enough', async () => {
    const seen: number[] = [];
    await fc.assert(
      fc.asyncProperty(problems, async ({ seed, longest, classes, lengthPenalty }) => {
        const language = randomLanguage(seed, classes);
        // At most 3^4 prefixes, with four continuations each.
        const beam = 4 * 81;
        const found = await beamSearch(longest, expanding(language, beam), { beam, lengthPenalty });
        found.forEach((tokens) => seen.push(tokens.length));
        expect(found).toEqual(longest.map((most, i) => exhaustive(language, i, classes, most, lengthPenalty)));
      }),
      { numRuns: 60 },
    );
    expect(new Set(seen)).toEqual(new Set([1, 2, 3, 4]));
  });

  it('with a beam of 1 takes the likeliest token each time', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ seed, longest, classes, lengthPenalty }) => {
        const language = randomLanguage(seed, classes);
        const found = await beamSearch(longest, expanding(language, 1), { beam: 1, lengthPenalty });
        expect(found).toEqual(longest.map((most, i) => greedy(language, i, most)));
      }),
    );
  });

  it('treats each source as if it were alone', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ seed, longest, classes, lengthPenalty }) => {
        const language = randomLanguage(seed, classes, 1);
        const options = { beam: 2, lengthPenalty };
        const together = await beamSearch(longest, expanding(language, 2), options);
        const alone = longest.map(async (most, i) => {
          const [tokens] = await beamSearch(
            [most],
            expanding((_, prefix) => language(i, prefix), 2),
            options,
          );
          return tokens;
        });
        expect(together).toEqual(await Promise.all(alone));
      }),
    );
  });

  it('goes on with the second best, ends by the beam and weighs by length, worked by hand', async () => {
    // 3 or 4; after 3: end .3, 3 .4, 4 .3; after 4: end .9, 3 .1; after that the end.
    const probabilities: Record<string, Record<number, number>> = {
      '': { 3: 0.6, 4: 0.4 },
      '3': { 2: 0.3, 3: 0.4, 4: 0.3 },
      '4': { 2: 0.9, 3: 0.1 },
    };
    const language: Language = (_, prefix) =>
      Array.from({ length: 5 }, (_, id) => Math.log((probabilities[prefix.join('')] ?? { 2: 1 })[id] ?? 0));
    const find = async (beam: number, lengthPenalty: number) =>
      (await beamSearch([3], expanding(language, beam), { beam, lengthPenalty }))[0];
    // Greedy: 3 3 of .24. Beam 2: at length 1, 4 and its end have .36, 3 3 .24.
    expect(await find(1, 0)).toEqual([3, 3]);
    expect(await find(2, 0)).toEqual([4]);
    // log .36 / 2 = -.51 against log .24 / 3 = -.48: the longer is worth more.
    expect(await find(2, 1)).toEqual([3, 3]);
    expect(await find(2, 0.5)).toEqual([4]);
  });
});
