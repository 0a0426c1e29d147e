import { specialTokens } from '@flatmin/core/plugin';
import type { KeysAndValues } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { type Allowed, type BeamOptions, beamSearch, type Candidate, type ExpandRequest } from './beamSearch.js';
import type { Memory, Network } from './network.js';

export interface GenerateOptions extends BeamOptions {
  /** A target has at most maxLengthA x (tokens of its source) + maxLengthB tokens. */
  readonly maxLengthA: number;
  readonly maxLengthB: number;
}

/**
 * The targets that beam search finds for sources x, int32 [batch, length] with padding 0.
 *
 * Cost: for each token of the longest target, a pass of the decoder over one position of `beam` hypotheses for each
 * source that is not done; keys and values of earlier positions are kept. 4 beam numbers are read back for each of
 * these sources and tokens.
 */
export async function generate(
  network: Network,
  x: tf.Tensor2D,
  { maxLengthA, maxLengthB, ...options }: GenerateOptions,
): Promise<readonly (readonly number[])[]> {
  const lengths = await lengthsOf(x);
  const longest = lengths.map((length) => Math.max(1, Math.floor(maxLengthA * length + maxLengthB)));
  const decoder = new BeamDecoder(network, x, options.beam);
  try {
    return await beamSearch(longest, (request) => decoder.expand(request), options);
  } finally {
    decoder.dispose();
  }
}

/** The tokens of each row that are not padding. */
async function lengthsOf(x: tf.Tensor2D): Promise<readonly number[]> {
  const counts = tf.tidy(() => tf.sum(tf.cast(tf.notEqual(x, specialTokens.padding), 'int32'), 1));
  const lengths = await counts.data();
  counts.dispose();
  return [...lengths];
}

const allowances: readonly Allowed[] = ['tokens', 'any', 'end'];

/** For each allowance, what is added to the scores of the tokens: 0 or -Infinity. [allowances, classes]. */
function bars(classes: number): tf.Tensor2D {
  const { padding, begin, end } = specialTokens;
  const rows = allowances.map((allowed) =>
    Float32Array.from({ length: classes }, (_, token) => {
      const isBarred = allowed === 'end' ? token !== end : token === end && allowed === 'tokens';
      return isBarred || token === padding || token === begin ? -Infinity : 0;
    }),
  );
  return tf.tensor2d(rows as unknown as number[][], [allowances.length, classes], 'float32');
}

/** Scores continuations by a network, and holds what it needs from one token to the next. */
class BeamDecoder {
  readonly #network: Network;
  readonly #beam: number;
  readonly #bars: tf.Tensor2D;
  #memory: Memory;
  #sources: readonly number[];
  #kept: readonly KeysAndValues[] = [];
  #position = 0;

  constructor(network: Network, x: tf.Tensor2D, beam: number) {
    this.#network = network;
    this.#beam = beam;
    this.#memory = tidied(() => network.encode(x, false));
    this.#bars = bars(network.classes);
    this.#sources = Array.from({ length: x.shape[0] }, (_, i) => i);
  }

  async expand(request: ExpandRequest): Promise<Candidate[][]> {
    this.#narrowTo(request.sources);
    const { values, indices, kept } = tidied(() => this.#best(request));
    tf.dispose(this.#kept as unknown as tf.TensorContainer);
    this.#kept = kept;
    this.#position++;
    try {
      const [scores, places] = await Promise.all([values.data(), indices.data()]);
      return request.sources.map((_, i) => this.#candidates(i, scores, places));
    } finally {
      tf.dispose([values, indices]);
    }
  }

  dispose(): void {
    tf.dispose([this.#bars, this.#memory, this.#kept] as unknown as tf.TensorContainer);
  }

  /**
   * The best scores of all continuations of each source, [sources, 2 beam], and where they stand among beam x classes.
   */
  #best({ sources, live, allowed }: ExpandRequest) {
    const rows = live.flat();
    const { classes } = this.#network;
    const tokens = tf.tensor1d(rows.map(({ token }) => token), 'int32'); // prettier-ignore
    const earlier = this.#kept.map((each) => taken(each, rows.map(({ row }) => row))); // prettier-ignore
    const continuation = { tokens, sources: sources.length, position: this.#position, earlier };
    const { logits, kept } = this.#network.next(continuation, this.#memory);
    const before = tf.tensor2d(rows.map(({ score }) => [score])); // prettier-ignore
    const scores = tf.reshape(tf.add(tf.logSoftmax(logits), before), [sources.length, this.#beam, classes]);
    const barred = tf.gather(this.#bars, allowed.map((each) => allowances.indexOf(each))); // prettier-ignore
    const open = tf.add(scores, tf.reshape(barred, [sources.length, 1, classes]));
    const best = tf.topk(tf.reshape(open, [sources.length, this.#beam * classes]), 2 * this.#beam);
    return { ...best, kept };
  }

  #candidates(source: number, scores: ArrayLike<number>, places: ArrayLike<number>): Candidate[] {
    const { classes } = this.#network;
    return Array.from({ length: 2 * this.#beam }, (_, i) => {
      const at = source * 2 * this.#beam + i;
      const place = places[at] as number;
      return { from: Math.floor(place / classes), token: place % classes, score: scores[at] as number };
    });
  }

  /** Leaves what the sources that are done have asked for behind. */
  #narrowTo(sources: readonly number[]): void {
    if (sources.length === this.#sources.length) return;
    const rows = sources.map((source) => this.#sources.indexOf(source));
    const { mask, source } = this.#memory;
    this.#memory = tidied(() => ({ mask: tf.gather(mask, rows), source: source.map((each) => taken(each, rows)) }));
    this.#sources = sources;
    tf.dispose([mask, source] as unknown as tf.TensorContainer);
  }
}

function taken({ keys, values }: KeysAndValues, rows: readonly number[]): KeysAndValues {
  if (rows.length === keys.shape[0] && rows.every((row, i) => row === i)) return { keys, values };
  const indices = tf.tensor1d([...rows], 'int32');
  return { keys: tf.gather(keys, indices), values: tf.gather(values, indices) };
}

/** tf.tidy, for interfaces too. */
function tidied<T>(make: () => T): T {
  return tf.tidy(make as () => tf.TensorContainer) as T;
}
