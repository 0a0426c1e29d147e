import { RandomStream } from '@flatmin/core';
import type { Model } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { checkCaptured, checkGradients, checkSaving } from '../../blocks/src/modelProofs.fixture.js';
import { expectClose, leaveNothing, onNative, shake, valueOf, valuesOf } from '../../blocks/src/testing.fixture.js';
import { textEncoder } from './index.js';
import { plainLogits, plainOutputs } from './plainEncoder.fixture.js';
import { attentions, contextOf, create, idsOf, randomIds, tiny } from './textEncoder.fixture.js';

leaveNothing();

const languageContext = { task: 'language-modelling', classes: 9 } as const;

describe.each(attentions)('with %s attention', (attention) => {
  // Distances of 2 and more share a row, so that the clamp is seen.
  const sizes = { ...tiny, attention, positions: attention === 'bert' ? 8 : 2 };
  const made = (seed = 1) => shake(create(sizes, { random: new RandomStream(seed) }));

  it('gives what loops over numbers give: a text, a pair, one id', () => {
    const model = made();
    for (const ids of [[4, 5, 6, 4, 7], [4, 2, 6, 2, 7], [3]]) {
      expectClose(model.apply(idsOf([ids])), plainOutputs(ids, valueOf(model), sizes), 1e-4);
    }
  });

  it('gives each position the logits of loops over numbers, of those up to there', () => {
    const model = shake(create(sizes, languageContext));
    const ids = [4, 2, 6, 8, 7];
    const logits = model.apply(idsOf([ids, ids]));
    expect(logits.shape).toEqual([2, 5, 9]);
    const expected = plainLogits(ids, valueOf(model), sizes);
    expectClose(logits, [...expected, ...expected], 1e-4);
  });

  it('has one output for a regression', () => {
    const outputs = create(sizes, { task: 'regression', classes: 1 }).apply(idsOf([[4, 5], [6, 0]])); // prettier-ignore
    expect(outputs.shape).toEqual([2, 1]);
  });

  it('reads no padding, and keeps the texts of a batch apart', () => {
    const model = made();
    const id = fc.integer({ min: 1, max: 8 });
    const texts = fc.array(fc.array(id, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 4, max: 7 }), (rows, length) => {
        tf.tidy(() => {
          const padded = rows.map((row) => [...row, ...new Array<number>(length - row.length).fill(0)]);
          const alone = rows.flatMap((row) => valuesOf(model.apply(idsOf([row]))));
          expectClose(model.apply(idsOf(padded)), alone, 1e-5);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('sees the order of words', () => {
    const model = made();
    const [one, other] = [[4, 5, 6, 7], [4, 6, 5, 7]].map((ids) => valuesOf(model.apply(idsOf([ids])))); // prettier-ignore
    one?.forEach((value, i) => expect(Math.abs(value - (other?.[i] as number))).toBeGreaterThan(1e-3));
  });

  const subject = { create: made, inputShape: [5], classes: 3, examples: randomIds };

  it('has the gradients of central differences', () => checkGradients(subject, 3e-3));

  /** The language model, with the logits of all positions in one row. */
  const language = {
    ...subject,
    create: (): Model => {
      const model = shake(create(sizes, languageContext));
      const apply: Model['apply'] = (x, options) => tf.reshape(model.apply(x, options), [-1, 45]);
      return { ...model, apply };
    },
    classes: 45,
  };

  it('has them as a language model too', () => checkGradients(language, 3e-3));

  it('is saved and loaded by name', () => {
    const other = (seed: number) => () => textEncoder(sizes, contextOf({ random: new RandomStream(seed) }));
    checkSaving({ ...subject, create: other(1) }, other(2));
  });

  (onNative ? it : it.skip).each([0, 0.3])('takes the same steps of SAM as a graph, dropout %d', (dropout) => {
    const created = () => shake(textEncoder({ ...sizes, dropout }, contextOf()));
    checkCaptured({ ...subject, create: created });
  });

  (onNative ? it : it.skip)('takes them as a language model too', () => checkCaptured(language));

  it('drops nothing outside training', () => {
    const outputs = (dropout: number, training: boolean) =>
      tf.tidy(() => valuesOf(shake(create({ ...sizes, dropout })).apply(idsOf([[4, 5, 6, 7]]), { training })));
    expect(outputs(0.5, false)).toEqual(outputs(0, true));
    expect(outputs(0.5, true)).not.toEqual(outputs(0, true));
  });

  it('drops embeddings, three times in each block, what goes to the head, and distances', async () => {
    const model = create({ ...sizes, dropout: 0.1 });
    const { kernelNames, kernels } = await tf.profile(() =>
      tf.tidy(() => void model.apply(idsOf([[4, 5, 6]]), { training: true })),
    );
    expect(kernelNames).toContain('GreaterEqual');
    const masks = kernels.filter(({ name }) => name === 'GreaterEqual').map(({ outputShapes }) => outputShapes[0]);
    const block = [attention === 'bert' ? [1, 3, 4, 4] : [3, 1, 4, 4], [4, 6], [4, 6]];
    expect(masks).toEqual([[4, 6], ...(attention === 'bert' ? [] : [[8, 6]]), ...block, ...block, [1, 6]]);
  });

  it('leaves only the outputs behind', () => {
    const model = create({ ...sizes, dropout: 0.1 });
    const ids = idsOf([[4, 5, 6, 0]]);
    const before = tf.memory().numTensors;
    model.apply(ids, { training: true });
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});
