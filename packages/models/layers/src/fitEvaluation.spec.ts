import { createContainer, estimateStatistics, type SharpnessAwareOptimizer, useContainer } from '@flatmin/core';
import { type BaseOptimizer, definePlugin } from '@flatmin/core/plugin';
import { samPlugin } from '@flatmin/sam';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import { attach } from './attach.js';
import { compile } from './compile.js';
import { classifier, examples, normalizing, reloaded, weightsOf } from './models.fixture.js';

/** SGD that evaluates by twice the weights, where it says so: a model at these answers otherwise. */
class DoublingBase implements BaseOptimizer {
  readonly id = 'doubling';
  readonly isReplayable = true;
  learningRate = 0.5;
  #steps = 0;
  readonly evaluationWeights?: NonNullable<BaseOptimizer['evaluationWeights']>;
  constructor(evaluates: boolean) {
    if (evaluates) {
      this.evaluationWeights = (weights) => (this.#steps > 0 ? weights.map((w) => tf.mul(w, 2)) : undefined);
    }
  }
  apply(variables: readonly tf.Variable[], gradients: readonly (tf.Tensor | undefined)[]): void {
    this.#steps += 1;
    tf.tidy(() => variables.forEach((v, i) => v.assign(tf.sub(v, tf.mul(0.5, gradients[i] as tf.Tensor)))));
  }
  option(): undefined {
    return undefined;
  }
  slot(): undefined {
    return undefined;
  }
  owned(): tf.Variable[] {
    return [];
  }
  async save() {
    return { slots: {}, scalars: { steps: tf.scalar(this.#steps) } };
  }
  restore({ scalars }: { readonly scalars: Readonly<Record<string, tf.Tensor>> }): void {
    this.#steps = scalars['steps']?.dataSync()[0] ?? 0;
  }
  dispose(): void {
    this.#steps = 0;
  }
}

const doublingPlugin = definePlugin({
  kind: 'base',
  id: 'doubling',
  apiVersion: 1,
  description: 'SGD that evaluates by twice the weights.',
  options: z.strictObject({ evaluates: z.boolean().default(true) }),
  create: ({ evaluates }) => new DoublingBase(evaluates),
});
const container = createContainer({ plugins: [samPlugin, doublingPlugin] });
beforeAll(() => useContainer(container));
afterEach(() => void jest.restoreAllMocks());

const fitting = { epochs: 3, batchSize: 2, shuffle: false, verbose: 0 } as const;

function compiled(model: tf.LayersModel, { evaluates = true, graph = false, loss = 'categoricalCrossentropy' } = {}) {
  const optimizer = { use: 'sam', rho: 0.1, base: { use: 'doubling', evaluates } } as never;
  return { model, optimizer: compile(model, { container, optimizer, loss, metrics: ['accuracy'], graph }) };
}

const training = ({ model, optimizer }: { model: tf.LayersModel; optimizer: SharpnessAwareOptimizer }): number[][] => {
  optimizer.useTrainingWeights();
  return weightsOf(model);
};
const doubled = (weights: readonly number[][]): number[][] =>
  weights.map((values) => values.map((value) => Math.fround(2 * value)));

describe.each([false, true])('fit of a model whose optimizer evaluates by other weights (graph %s)', (graph) => {
  it('validates at these, leaves them, and trains as without them, to the bit', async () => {
    const { x, classes } = examples();
    const validationData: [tf.Tensor, tf.Tensor] = [x, classes];
    const [ours, plain] = [compiled(classifier(), { graph }), compiled(classifier(), { graph, evaluates: false })];
    const judge = classifier();
    judge.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const expected: number[] = [];
    const onEpochEnd = (): void => {
      judge.setWeights(weightsOf(plain.model).map((values, i) => tf.tensor(doubled([values])[0] as number[], judge.getWeights()[i]?.shape))); // prettier-ignore
      expected.push((judge.evaluate(x, classes) as tf.Scalar).dataSync()[0] as number);
    };
    const history = await ours.model.fit(x, classes, { ...fitting, validationData });
    const plainHistory = await plain.model.fit(x, classes, { ...fitting, callbacks: { onEpochEnd } });
    expect(history.history['loss']).toEqual(plainHistory.history['loss']);
    (history.history['val_loss'] as number[]).forEach((value, i) =>
      expect(value).toBeCloseTo(expected[i] as number, 5),
    );
    expect(weightsOf(ours.model)).toEqual(doubled(weightsOf(plain.model)));
    // And goes on.
    await ours.model.fit(x, classes, fitting);
    await plain.model.fit(x, classes, fitting);
    expect(weightsOf(ours.model)).toEqual(doubled(weightsOf(plain.model)));
    expect(training(ours)).toEqual(weightsOf(plain.model));
  });
});

describe('a model whose optimizer evaluates by other weights', () => {
  it.each<[string, (model: tf.LayersModel) => unknown]>([
    ['predict', (model) => model.predict(examples().x)],
    ['predictOnBatch', (model) => model.predictOnBatch(examples().x)],
    ['evaluate', (model) => model.evaluate(examples().x, examples().classes)],
    [
      'evaluateDataset',
      (model) => {
        const { x, classes } = examples();
        const rows = x.arraySync().map((xs, i) => ({ xs, ys: classes.arraySync()[i] as number[] }));
        return model.evaluateDataset(tf.data.array(rows).batch(2) as never, {} as never);
      },
    ],
  ])('answers by them after trainOnBatch: %s', async (_, answer) => {
    const { x, classes } = examples();
    const subject = compiled(classifier());
    await subject.model.trainOnBatch(x, classes);
    const before = weightsOf(subject.model);
    await answer(subject.model);
    expect(weightsOf(subject.model)).toEqual(doubled(before));
    expect(training(subject)).toEqual(before);
  });

  it('is as any other before the first step, and once the optimizer is disposed', async () => {
    const { x, classes } = examples();
    const { model, optimizer } = compiled(classifier());
    const start = weightsOf(model);
    (model.predict(x) as tf.Tensor).dispose();
    expect(weightsOf(model)).toEqual(start);
    await model.fit(x, classes, fitting);
    const end = weightsOf(model);
    optimizer.dispose();
    (model.predict(x) as tf.Tensor).dispose();
    expect(weightsOf(model)).toEqual(end);
  });

  it('is saved at them, and goes on after loading from those that train, to the bit', async () => {
    const { x, classes } = examples();
    const [ours, whole] = [compiled(classifier()), compiled(classifier())];
    await ours.model.fit(x, classes, fitting);
    await whole.model.fit(x, classes, fitting);
    const loaded = await reloaded(ours.model);
    const optimizer = attach(loaded);
    expect(weightsOf(loaded)).toEqual(weightsOf(whole.model));
    (loaded.predict(x) as tf.Tensor).dispose();
    expect(weightsOf(loaded)).toEqual(weightsOf(whole.model));
    await loaded.fit(x, classes, fitting);
    await whole.model.fit(x, classes, fitting);
    expect(weightsOf(loaded)).toEqual(weightsOf(whole.model));
    expect(training({ model: loaded, optimizer })).toEqual(training(whole));
  });

  it('says once that averages are not theirs, and trains on with its own after others were estimated', async () => {
    const lines: string[] = [];
    jest.spyOn(console, 'warn').mockImplementation((line: string) => void lines.push(line));
    const subject = compiled(normalizing(), { loss: 'meanSquaredError' });
    const [x, y] = [tf.tensor2d([1, 2, 3, 6], [4, 1]), tf.tensor2d([0, 1, 0, 1], [4, 1])];
    await subject.model.fit(x, y, fitting);
    expect(lines.filter((line) => line.includes('estimateStatistics'))).toHaveLength(1);
    const before = weightsOf(subject.model).slice(-2);
    await estimateStatistics([{ size: 4, run: () => subject.model.apply(x, { training: true }) }]);
    const [[mean], [variance]] = weightsOf(subject.model).slice(-2) as [[number], [number]];
    expect([mean, variance]).toEqual([expect.closeTo(3, 5), expect.closeTo(3.5, 5)]);
    expect(training(subject).slice(-2)).toEqual(before);
  });
});
