import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { leaveNothing, living, valuesOf } from '../../blocks/src/testing.fixture.js';
import { contextOf, ids, shaken, tiny } from './tinyTransformer.fixture.js';
import type { Transformer, TransformerOptions } from './transformer.js';

const classes = 6;
/** Weights so large, those that read the source above all, that what follows depends on all there is. */
function create(options: TransformerOptions): Transformer {
  const model = shaken({ ...tiny, maxLengthA: 0, ...options }, contextOf(9, classes), 0.8, 300);
  const reading = model.variables.filter(({ name }) => name.includes('cross/'));
  tf.tidy(() => reading.forEach((variable) => variable.assign(tf.mul(variable, 2))));
  return living(model);
}

leaveNothing({ isScoped: false });

const sources = [[4, 5, 6], [7, 8, 4, 3, 5], [6], [8, 8], [3, 7, 7, 4], [5, 4]]; // prettier-ignore

async function generated(model: Transformer, rows: readonly (readonly number[])[], length?: number) {
  const x = ids(rows, length);
  const found = await model.generate(x);
  x.dispose();
  return found;
}

/** The log-probabilities of what follows each token of `target`, by `apply`. */
function following(model: Transformer, source: readonly number[], target: readonly number[]): number[][] {
  const values = tf.tidy(() => valuesOf(tf.logSoftmax(model.apply(ids([source]), { target: ids([target]) }))));
  return target.map((_, i) => values.slice(i * classes, (i + 1) * classes));
}

/**
 * All targets of 1 to `longest` tokens but padding, begin and end, with the mean log-probability of their tokens and
 * the end.
 */
function best(model: Transformer, source: readonly number[], longest: number): readonly number[] {
  const all: number[][] = [];
  const visit = (tokens: number[]): void => {
    if (tokens.length > 0) all.push(tokens);
    if (tokens.length < longest) for (const id of [3, 4, 5]) visit([...tokens, id]);
  };
  visit([]);
  const worths = all.map((tokens) => {
    const rows = following(model, source, [1, ...tokens]);
    return [...tokens, 2].reduce((sum, id, i) => sum + (rows[i]?.[id] as number), 0) / (tokens.length + 1);
  });
  return all[worths.indexOf(Math.max(...worths))] as number[];
}

describe('generate', () => {
  it('finds the best of all targets where the beam is wide enough', async () => {
    const model = create({ beam: 40, maxLengthB: 3 });
    const found = await generated(model, sources);
    expect(found).toEqual(sources.map((source) => best(model, source, 3)));
    expect(new Set(found.map(String)).size).toBeGreaterThan(1);
  });

  it('with a beam of 1 takes the likeliest token each time', async () => {
    const model = create({ beam: 1, maxLengthB: 6 });
    const greedy = sources.map((source) => {
      const tokens = [1];
      while (tokens.length < 7) {
        const scores = (following(model, source, tokens).at(-1) as number[]).map((value, id) => (id < 2 || (id === 2 && tokens.length === 1) ? -Infinity : value)); // prettier-ignore
        const token = scores.indexOf(Math.max(...scores));
        if (token === 2) break;
        tokens.push(token);
      }
      return tokens.slice(1);
    });
    expect(await generated(model, sources)).toEqual(greedy);
  });

  it('depends on no padding and no other source, which may be done sooner', async () => {
    const model = create({ beam: 3, maxLengthA: 1.5, maxLengthB: 1 });
    const together = await generated(model, sources);
    expect(await generated(model, sources, 9)).toEqual(together);
    const alone = [];
    for (const source of sources) alone.push(...(await generated(model, [source])));
    expect(alone).toEqual(together);
    expect(new Set(together.map(({ length }) => length)).size).toBeGreaterThan(1);
    together.forEach(({ length }, i) => {
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(1.5 * (sources[i] as number[]).length + 1);
    });
  });

  it('gives ids alone, without begin, end and padding', async () => {
    const found = await generated(create({ beam: 5, maxLengthB: 8 }), sources);
    expect(found.flat().every((id) => id >= 3 && id < classes)).toBe(true);
  });

  it('leaves nothing behind, also when it fails', async () => {
    const model = create({ beam: 3, maxLengthB: 5 });
    const x = ids(sources);
    const before = tf.memory().numTensors;
    await model.generate(x);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
    await expect(model.generate(x)).rejects.toThrow();
    x.dispose();
  });
});
