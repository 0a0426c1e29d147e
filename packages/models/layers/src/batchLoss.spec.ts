import { sam } from '@flatmin/sam';
import { describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { batchLoss, modelLoss } from './batchLoss.js';
import { classifier, examples, normalizing, twoHeaded, weightsOf } from './models.fixture.js';

const read = (tensor: tf.Tensor) => [...tensor.dataSync()];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The loss that `fit` reports for one step on the whole batch. */
async function fitted(
  model: tf.LayersModel,
  x: tf.Tensor | tf.Tensor[],
  y: tf.Tensor | tf.Tensor[],
  more: { classWeight?: tf.ClassWeight } = {},
): Promise<number> {
  let loss = NaN;
  // The history has it multiplied and divided by the batch size, which rounds.
  const callbacks = { onBatchEnd: async (_: number, logs?: tf.Logs) => void (loss = logs!.loss!) };
  await model.fit(x, y, { batchSize: 6, epochs: 1, shuffle: false, verbose: 0, callbacks, ...more });
  return loss;
}

describe('what the loss of a model knows of its examples', () => {
  it.each([
    ['categoricalCrossentropy', 'classes'],
    ['sparseCategoricalCrossentropy', 'indices'],
  ] as const)('is their classes: %s', (loss, target) => {
    const { x, ...targets } = examples();
    const whole = batchLoss(classifier(), x, targets[target], { loss });
    expect(read(whole.labels!())).toEqual([0, 1, 2, 1, 0, 2]);
    expect(read(whole.subset([2, 1]).labels!())).toEqual([2, 1]);
  });

  it('is no class where the targets are not classes', () => {
    const { x, classes } = examples();
    expect('labels' in batchLoss(classifier(), x, classes, { loss: 'meanSquaredError' })).toBe(false);
  });

  it('is a factor of each beside its sample weight, also in parts', () => {
    const { x, classes } = examples();
    const [model, loss] = [classifier(), 'categoricalCrossentropy'] as const;
    const factors = [2, 0, 1, 0.5, 3, 1];
    const sampleWeights = tf.tensor1d([1, 4, 2, 2, 1, 0]);
    const weighted = batchLoss(model, x, classes, { loss, sampleWeights }).weighted(tf.tensor1d(factors));
    const both = batchLoss(model, x, classes, { loss, sampleWeights: tf.mul(sampleWeights, factors) });
    expect(read(weighted())).toEqual(read(both()));
    expect(mean(weighted.split!(2).map((part) => read(part())[0]!))).toBeCloseTo(read(both())[0]!, 6);
    // A number for the whole batch has no place for them.
    const scalar = (t: tf.Tensor, p: tf.Tensor) => tf.losses.softmaxCrossEntropy(t, p);
    expect(() => batchLoss(model, x, classes, { loss: scalar }).weighted(tf.tensor1d(factors))()).toThrow(
      /if examples have weights/,
    );
  });
});

describe('batchLoss', () => {
  it.each([
    ['a name', 'categoricalCrossentropy', 'classes'],
    ['another name', 'meanSquaredError', 'classes'],
    ['sparse targets', 'sparseCategoricalCrossentropy', 'indices'],
    ['a function', (t: tf.Tensor, p: tf.Tensor) => tf.sum(tf.squaredDifference(t, p), -1), 'classes'],
    ['a function that gives a scalar', (t: tf.Tensor, p: tf.Tensor) => tf.losses.softmaxCrossEntropy(t, p), 'classes'],
  ] as const)('is what fit minimizes, to the bit: %s', async (_, loss, target) => {
    const { x, ...targets } = examples();
    const model = classifier();
    model.compile({ optimizer: 'sgd', loss });
    const ours = batchLoss(model, x, targets[target])().dataSync()[0];
    expect(await fitted(model, x, targets[target])).toBe(ours);
  });

  it('is what fit minimizes with several inputs and outputs, regularizers, and data by order or name', async () => {
    const { x, right, classes, values } = examples();
    const model = twoHeaded();
    model.compile({ optimizer: 'sgd', loss: ['categoricalCrossentropy', 'meanSquaredError'] });
    const byOrder = batchLoss(model, [x, right], [classes, values]);
    const byName = batchLoss(model, { right, left: x }, { values, classes });
    const [ours] = read(byOrder());
    expect(read(byName())).toEqual([ours]);
    const penalty = model.calculateLosses().reduce((sum, each) => sum + each.dataSync()[0]!, 0);
    expect(penalty).toBeGreaterThan(0.01);
    // Per example, the sum over the outputs; the regularizers come on top of the mean.
    const perExample = read(byOrder.perExample());
    expect(perExample).toHaveLength(6);
    expect(mean(perExample) + penalty).toBeCloseTo(ours!, 5);
    expect(await fitted(model, [x, right], [classes, values])).toBe(ours);
  });

  it('is the loss of its outputs plus the regularizers, for a model with one output', () => {
    const { x, classes } = examples();
    const model = classifier();
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const loss = batchLoss(model, x, classes, { training: false });
    const through = loss.throughOutputs();
    const outputs = through.outputs();
    expect(read(outputs)).toEqual(read(model.predict(x) as tf.Tensor));
    expect(read(through.loss(outputs))[0]! + read(through.regularizer!())[0]!).toBeCloseTo(read(loss())[0]!, 6);
    // The loss normalizes probabilities, so that their scale does not matter.
    expect(read(through.loss(tf.mul(outputs, 0.5)))[0]).toBeCloseTo(read(through.loss(outputs))[0]!, 5);
  });

  it('is looked at again through its tensors, also by the loss of another batch', () => {
    const { x, right, classes, values } = examples();
    const model = twoHeaded();
    model.compile({ optimizer: 'sgd', loss: ['categoricalCrossentropy', 'meanSquaredError'] });
    const sampleWeights = tf.tensor1d([1, 4, 2, 2, 1, 0]);
    const weighted = batchLoss(model, [x, right], [classes, values], { sampleWeights: [sampleWeights, sampleWeights] });
    const { batch } = weighted.throughBatch();
    expect(Object.keys(batch)).toEqual(['inputs/0', 'inputs/1', 'targets/0', 'targets/1', 'weights/0', 'weights/1']);
    const plain = batchLoss(model, [x, right], [classes, values]);
    expect(read(plain.throughBatch().loss(batch)())).toEqual(read(weighted()));
    expect(read(weighted.throughBatch().loss(plain.throughBatch().batch)())).toEqual(read(plain()));
    const some = Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, tf.slice(tensor, 0, 2)]));
    expect(read(plain.throughBatch().loss(some)())).toEqual(read(weighted.subset([0, 1])()));
  });

  it('has no outputs to go through where there are several', () => {
    const { x, right, classes, values } = examples();
    const model = twoHeaded();
    model.compile({ optimizer: 'sgd', loss: ['categoricalCrossentropy', 'meanSquaredError'] });
    expect(() => batchLoss(model, [x, right], [classes, values]).throughOutputs()).toThrow(
      /has the outputs .*, .*only for a model with one output.*Concatenate/s,
    );
  });

  it('shows the losses of its examples on the way to the loss, in one forward pass', () => {
    const { x, classes } = examples();
    const model = classifier();
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const loss = batchLoss(model, x, classes);
    const passes = jest.spyOn(model.layers[0]!, 'call');
    const shown: number[][] = [];
    const total = tf.tidy(() => read(loss.observed((each) => shown.push(read(each)))));
    expect(passes).toHaveBeenCalledTimes(1);
    expect(total).toEqual(read(loss()));
    expect(shown).toEqual([read(loss.perExample())]);
  });

  it('weights examples as the class weights of fit do', async () => {
    const { x, classes } = examples();
    const model = classifier();
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const weights = tf.tensor1d([1, 3, 0.5, 3, 1, 0.5]); // Of the classes 0, 1, 2, 1, 0, 2.
    const weighted = batchLoss(model, x, classes, { sampleWeights: weights });
    const [ours] = read(weighted());
    const plain = read(batchLoss(model, x, classes).perExample());
    const factors = read(weights);
    read(weighted.perExample()).forEach((loss, i) => expect(loss).toBeCloseTo(plain[i]! * factors[i]!, 6));
    expect(await fitted(model, x, classes, { classWeight: { 0: 1, 1: 3, 2: 0.5 } })).toBe(ours);
  });

  it('gives losses of some rows: repetitions count twice, parts cover the batch in order', () => {
    const { x, classes } = examples();
    const loss = batchLoss(classifier(), x, classes, {
      loss: 'categoricalCrossentropy',
      sampleWeights: tf.tensor1d([1, 2, 1, 1, 3, 1]),
    });
    const each = read(loss.perExample());
    for (const indices of [[4, 1, 1], tf.tensor1d([4, 1, 1], 'int32')]) {
      const some = loss.subset(indices);
      expect(some.size).toBe(3);
      expect(read(some())[0]).toBeCloseTo((each[4]! + 2 * each[1]!) / 3, 5);
    }
    const parts = loss.split(4);
    expect(parts.map(({ size }) => size)).toEqual([2, 2, 1, 1]);
    const expected = [mean(each.slice(0, 2)), mean(each.slice(2, 4)), each[4]!, each[5]!];
    parts.forEach((part, i) => expect(read(part())[0]).toBeCloseTo(expected[i]!, 5));
  });

  it('reduces sequences to one loss per example', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3, 1] })] });
    const [x, y] = [tf.ones([4, 3, 1]), tf.zeros([4, 3, 2])];
    const loss = batchLoss(model, x, y, { loss: 'meanAbsoluteError', sampleWeights: tf.tensor1d([1, 0, 0, 2]) });
    const each = read(loss.perExample());
    expect(each).toHaveLength(4);
    expect(each[3]).toBeCloseTo(2 * each[0]!, 6);
    expect(read(loss())[0]).toBeCloseTo(mean(each), 6);
  });

  it('runs the forward pass of training, or of prediction where asked', () => {
    const [x, y] = [tf.tensor2d([1, 2, 3, 6], [4, 1]), tf.zeros([4, 1])];
    const model = normalizing();
    const before = weightsOf(model);
    const loss = { loss: 'meanSquaredError' } as const;
    const [predicting] = read(batchLoss(model, x, y, { ...loss, training: false })());
    expect(weightsOf(model)).toEqual(before);
    model.compile({ optimizer: 'sgd', ...loss });
    expect(predicting).toBeCloseTo((model.evaluate(x, y) as tf.Scalar).dataSync()[0]!, 6);
    expect(read(batchLoss(model, x, y)())[0]).not.toBeCloseTo(predicting!, 2);
    expect(weightsOf(model).at(-2)![0]).toBeCloseTo(0.3, 6);
  });

  it('leaves a model as it was, compiled or not, and leaks nothing', () => {
    const { x, classes } = examples();
    const model = classifier();
    const optimizer = tf.train.sgd(0.1);
    const [fresh, tensors] = [batchLoss(model, x, classes, { loss: 'meanSquaredError' }), tf.memory().numTensors];
    tf.tidy(() => void [fresh(), fresh.perExample(), fresh.subset([0])(), ...fresh.split(2).map((part) => part())]);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(model.optimizer).toBeUndefined();
    model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['accuracy'] });
    batchLoss(model, x, classes, { loss: 'categoricalCrossentropy' });
    expect(model.optimizer).toBe(optimizer);
    expect(model.loss).toBe('meanSquaredError');
    expect(model.metricsNames).toEqual(['loss', 'acc']);
  });

  it('trains without fit, in parts', () => {
    const { x, classes } = examples();
    const [whole, parts] = [classifier(), classifier()];
    const loss = 'categoricalCrossentropy';
    const base = { use: 'sgd', learningRate: 0.1 };
    const cost = sam({ rho: 0.1, microBatches: 3, base }).minimize(batchLoss(parts, x, classes, { loss }), true);
    expect(read(cost!)[0]).toBeCloseTo(read(batchLoss(whole, x, classes, { loss })())[0]!, 6);
  });

  it('refuses by name what cannot be done', () => {
    const { x, classes, values } = examples();
    const model = classifier();
    const coded = (code: string): unknown => expect.objectContaining({ name: 'FlatminError', code });
    const thrown = (action: () => unknown): unknown => {
      try {
        return action();
      } catch (error) {
        return error;
      }
    };
    expect(thrown(() => batchLoss(model, x, classes))).toEqual(coded('LOSS_INVALID'));
    expect(thrown(() => batchLoss(model, x, classes, { loss: 'unheardOf' }))).toEqual(coded('LOSS_INVALID'));
    expect(thrown(() => batchLoss(model, x, values, { loss: 'meanSquaredError' }))).toEqual(coded('DATA_INVALID'));
    const named = batchLoss(model, x, classes, { loss: (t, p) => tf.losses.softmaxCrossEntropy(t, p) });
    expect(thrown(() => named.perExample())).toEqual(coded('BATCH_ACCESS_MISSING'));
    expect(read(named.split(2)[0]!())).toHaveLength(1);
    const heads = { loss: { classes: 'meanSquaredError' } } as const;
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(thrown(() => batchLoss(twoHeaded(), [x, x], [classes, values], heads))).toEqual(coded('LOSS_INVALID'));
    warn.mockRestore();
  });
});

describe('modelLoss', () => {
  it('gives the scalar of a batch', () => {
    const { x, classes } = examples();
    const model = classifier();
    const loss = modelLoss(model, { loss: 'categoricalCrossentropy' });
    expect(read(loss(x, classes))).toEqual(read(batchLoss(model, x, classes, { loss: 'categoricalCrossentropy' })()));
  });
});
