import { lossOfOutputs } from '@flatmin/core';
import { lets } from '@flatmin/lets';
import { sam } from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { attach } from './attach.js';
import { declareAverages } from './averages.js';
import { batchLoss, type BatchLossOptions } from './batchLoss.js';
import { compile, type CompileOptions } from './compile.js';
import { classifier, examples, normalizing, weightsOf } from './models.fixture.js';

const made: { dispose(): void }[] = [];
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);
afterEach(() => made.splice(0).forEach((each) => each.dispose()));

const base = { use: 'sgd', learningRate: 0.1 } as const;
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

const softmaxSum = (t: tf.Tensor, p: tf.Tensor): tf.Tensor =>
  tf.losses.softmaxCrossEntropy(t, p, 1, 0, tf.Reduction.SUM);
const softmaxMean = (t: tf.Tensor, p: tf.Tensor): tf.Tensor => tf.losses.softmaxCrossEntropy(t, p);
const rootOfMean = (t: tf.Tensor, p: tf.Tensor): tf.Tensor => tf.sqrt(tf.mean(tf.squaredDifference(t, p)));

/** The loss that a step reports, and the weights it leads to. */
async function fitted(options: Partial<CompileOptions>, settings: object, target: 'classes' | 'indices' = 'classes') {
  const { x, ...targets } = examples();
  const model = own(classifier());
  const optimizer = own(sam({ rho: 0.05, base, ...settings }));
  compile(model, { optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'], ...options });
  const reported = (await model.trainOnBatch(x, targets[target])) as number[];
  return { reported, weights: weightsOf(model).flat() };
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) =>
    expect(Math.abs(value - (expected[i] as number))).toBeLessThan(tolerance * (1 + Math.abs(value))),
  );
}

describe('sampleWeights', () => {
  it.each([
    [[6, 1], /sampleWeights of the output "dense.*" have shape \[6, 1\] for 6 examples/],
    [[1], /have shape \[1\] for 6 examples/],
    [[5], /have shape \[5\] for 6 examples/],
    [[], /have shape \[\] for 6 examples/],
  ])('case 2: of shape %j are refused', (shape, said) => {
    const { x, classes } = examples();
    const options = { loss: 'meanSquaredError' as const, sampleWeights: tf.ones(shape) };
    expect(messageOf(() => batchLoss(own(classifier()), x, classes, options))).toMatch(said);
    expect(messageOf(() => batchLoss(own(classifier()), x, classes, { ...options, sampleWeights: [null, tf.ones([6])] }))).toMatch(/2 tensors for the outputs/); // prettier-ignore
  });

  it('case 2: of shape [batch] weigh the losses, by hand', () => {
    const model = own(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], useBias: false })] }));
    model.setWeights([tf.ones([1, 1])]);
    const loss = batchLoss(model, tf.tensor2d([[1], [2]]), tf.tensor2d([[0], [0]]), {
      loss: 'meanSquaredError',
      sampleWeights: tf.tensor1d([4, 5]),
    });
    expect(loss().dataSync()[0]).toBe((4 * 1 + 5 * 4) / 2);
  });
});

describe('the loss of a layers model', () => {
  const broadcast = (t: tf.Tensor, p: tf.Tensor): tf.Tensor => tf.square(tf.sub(tf.reshape(t, [-1]), p));
  const line = () => own(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }));

  it('case 2: is refused where targets were broadcast, in fit, as a graph and by batchLoss', async () => {
    const { x, right } = examples();
    for (const graph of [false, true]) {
      const model = line();
      compile(model, { optimizer: own(sam({ base })), loss: broadcast, graph });
      const before = weightsOf(model);
      await expect(model.trainOnBatch(x, right)).rejects.toThrow(
        /the loss of the output "dense.*" has shape \[6, 6\] for targets of shape \[6, 1\] and predictions of shape \[6, 1\]/,
      );
      expect(weightsOf(model)).toEqual(before);
    }
    expect(messageOf(() => batchLoss(line(), x, right, { loss: broadcast })())).toMatch(/has shape \[6, 6\]/);
  });

  it('case 2: is refused where x and y have different numbers of rows', () => {
    const { x, right } = examples();
    expect(messageOf(() => batchLoss(line(), x, tf.slice(right, 0, 4), { loss: 'meanSquaredError' }))).toMatch(
      /does not fit the model/,
    );
  });

  it('case 2: of a model with outputs of other ranks has the sum over the outputs for each example', () => {
    const input = tf.input({ shape: [3, 2] });
    const flat = tf.layers.dense({ units: 1 }).apply(tf.layers.flatten().apply(input)) as tf.SymbolicTensor;
    const model = own(
      tf.model({ inputs: input, outputs: [flat, tf.layers.dense({ units: 2 }).apply(input) as tf.SymbolicTensor] }),
    );
    const [x, a, b] = [tf.randomNormal([3, 3, 2]), tf.zeros([3, 1]), tf.zeros([3, 3, 2])];
    const loss = batchLoss(model, x, [a, b], { loss: 'meanSquaredError' });
    const [first, second] = model.predict(x) as [tf.Tensor, tf.Tensor];
    const expected = tf.add(tf.sum(tf.square(first), 1), tf.mean(tf.square(second), [1, 2]));
    expectClose([...loss.perExample().dataSync()], [...expected.dataSync()]);
    expectClose([...loss().dataSync()], [...tf.mean(expected).dataSync()]);
  });
});

describe('parts of a batch of a layers model', () => {
  it.each([
    ['a sum', softmaxSum, 'sum'],
    ['a mean', softmaxMean, 'mean'],
  ] as const)('case 3: have %s of examples as loss where that is said', async (_, loss, reduction) => {
    const whole = await fitted({ loss, metrics: [] }, {});
    for (const settings of [
      { accumulate: 4 },
      { accumulate: 2 },
      { microBatches: 3, rho: 0 },
      { microBatches: 2, accumulate: 2, rho: 0 },
    ]) {
      // prettier-ignore
      const expected = 'rho' in settings ? await fitted({ loss, metrics: [] }, { rho: 0 }) : whole;
      const { reported, weights } = await fitted({ loss, reduction, metrics: [] }, settings);
      expectClose([reported].flat(), [expected.reported].flat());
      expectClose(weights, expected.weights);
    }
  });

  it.each([
    ['a sum', softmaxSum],
    ['a mean', softmaxMean],
    ['the root of a mean', rootOfMean],
  ])('case 3: are refused for %s that nothing is said of, before anything changes', async (_, loss) => {
    const { x, classes } = examples();
    for (const settings of [{ accumulate: 4 }, { microBatches: 4 }]) {
      for (const graph of [false, true]) {
        const model = own(classifier());
        compile(model, { optimizer: own(sam({ base, ...settings })), loss, graph });
        const before = weightsOf(model);
        await expect(model.trainOnBatch(x, classes)).rejects.toThrow(
          /the loss of the output "dense.*" has shape \[\] for 2 of 6 examples.*reduction: 'mean' or 'sum'/,
        );
        expect(weightsOf(model)).toEqual(before);
      }
    }
    const whole = own(classifier());
    compile(whole, { optimizer: own(sam({ base })), loss });
    await expect(whole.trainOnBatch(x, classes)).resolves.toBeDefined();
  });

  it('case 3: are refused for a scalar loss with weights on the examples, whatever it is', () => {
    const { x, classes } = examples();
    const loss = batchLoss(own(classifier()), x, classes, {
      loss: softmaxMean,
      reduction: 'mean',
      sampleWeights: tf.tensor1d([1, 2, 3, 4, 5, 6]),
    });
    const optimizer = own(sam({ base, accumulate: 2 }));
    expect(messageOf(() => optimizer.minimize(loss))).toMatch(/is not known if examples have weights/);
  });

  it('case 3: of a loaded model: what was said of its loss is said again to attach', async () => {
    const { x, classes } = examples();
    const model = own(classifier());
    model.compile({ optimizer: own(sam({ base, accumulate: 3 })), loss: softmaxSum });
    attach(model, undefined, { reduction: 'sum' });
    const [loss] = [await model.trainOnBatch(x, classes)].flat();
    const [whole] = [(await fitted({ loss: softmaxSum, metrics: [] }, {})).reported].flat();
    expect(loss).toBeCloseTo(whole as number, 4);
    attach(model);
    await expect(model.trainOnBatch(x, classes)).rejects.toThrow(/reduction/);
    expect(messageOf(() => attach(model, undefined, { reduction: 'median' as never }))).toMatch(
      /reduction is "median"/,
    );
  });

  it('case 3: loss, gradient and averages are those of the whole batch for any loss of an example, rows and weights', () => {
    const problems = fc.record({
      size: fc.integer({ min: 2, max: 11 }),
      accumulate: fc.integer({ min: 2, max: 12 }),
      loss: fc.constantFrom('meanSquaredError', 'meanAbsoluteError', softmaxSum, softmaxMean),
      weighted: fc.boolean(),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    const { model, averages } = averaging();
    const initial = model.getWeights().map((weight) => weight.clone());
    fc.assert(
      fc.property(problems, ({ size, accumulate, loss, weighted, seed }) => {
        const isScalar = typeof loss === 'function';
        const options: BatchLossOptions = {
          loss,
          ...(isScalar && { reduction: loss === softmaxSum ? 'sum' : 'mean' }),
          ...(weighted && !isScalar && { sampleWeights: tf.randomUniform([size], 0, 2, 'float32', seed) }),
        };
        const given = batchLoss(model, tf.randomNormal([size, 2], 1, 2, 'float32', seed), tf.randomUniform([size, 3], 0, 1, 'float32', seed), options); // prettier-ignore
        const step = (settings: object): number[] => {
          model.setWeights(initial);
          const optimizer = sam({ rho: 0.05, base, ...settings });
          optimizer.minimize(given, false, trained(model));
          const seen = [optimizer.lastStep.loss, ...weightsOf(model).flat(), ...averages()];
          optimizer.dispose();
          return seen;
        };
        expectClose(step({ accumulate }), step({}), 2e-5);
      }),
      { numRuns: 20 },
    );
  });
});

const trained = (model: tf.LayersModel): tf.Variable[] =>
  model.trainableWeights.map((weight) => weight.read() as tf.Variable);

/**
 * 2 -> 3, and batch normalization beside, whose averages move and which no loss depends on: so parts have the loss of
 * the whole.
 */
function averaging() {
  const normalization = tf.layers.batchNormalization({ momentum: 0.8 });
  const input = tf.input({ shape: [2] });
  const classes = tf.layers.dense({ units: 3, activation: 'sigmoid' }).apply(input) as tf.SymbolicTensor;
  const aside = tf.layers.dense({ units: 3, kernelInitializer: 'zeros', trainable: false }).apply(normalization.apply(input)) as tf.SymbolicTensor; // prettier-ignore
  const model = own(tf.model({ inputs: input, outputs: tf.layers.add().apply([classes, aside]) as tf.SymbolicTensor }));
  return { model, averages: () => normalization.getWeights().slice(2).flatMap((weight) => [...weight.dataSync()]) }; // prettier-ignore
}

describe('averages of batch normalization', () => {
  const x = () => tf.tensor2d([3, 4, 5, 5, 5, 5, 6, 7], [8, 1]);
  const averagesOf = (model: tf.LayersModel) => model.layers[0]!.getWeights().slice(2).map((weight) => weight.dataSync()[0]); // prettier-ignore
  /** 0.1 x 5, not 5 (1 - 0.9^4) = 1.7195; 0.9 + 0.1 x 10 / 8. */
  const right = [expect.closeTo(0.5, 5), expect.closeTo(1.025, 5)];

  it.each([
    ['accumulate', { accumulate: 4 }],
    ['microBatches', { microBatches: 4 }],
    ['both', { microBatches: 2, accumulate: 2 }],
  ])('case 4: move once a step under %s, eagerly and as a graph', async (_, settings) => {
    for (const graph of [false, true]) {
      const model = own(normalizing());
      compile(model, { optimizer: own(sam({ rho: 0.05, base, ...settings })), loss: 'meanSquaredError', graph });
      await model.trainOnBatch(x(), tf.zeros([8, 1]));
      expect(averagesOf(model)).toEqual(right);
      await model.trainOnBatch(x(), tf.zeros([8, 1]));
      await model.trainOnBatch(x(), tf.zeros([8, 1]));
      expect(averagesOf(model)).toEqual([
        expect.closeTo(5 * (1 - 0.9 ** 3), 4),
        expect.closeTo(1.25 - 0.25 * 0.9 ** 3, 4),
      ]);
    }
  });

  it('case 4: move once under batchLoss, LETS, and a loss of somebody else that declares them', () => {
    const zeros = tf.zeros<tf.Rank.R2>([8, 1]);
    const model = own(normalizing());
    const loss = batchLoss(model, x(), zeros, { loss: 'meanSquaredError' });
    own(sam({ base, accumulate: 4 })).minimize(loss, false, trained(model));
    expect(averagesOf(model)).toEqual(right);
    const learning = own(normalizing());
    const held = batchLoss(learning, x(), zeros, { loss: 'meanSquaredError' });
    own(lets(sam({ base, accumulate: 4 }), { validationLoss: held })).minimize(held, false, trained(learning));
    expect(averagesOf(learning)).toEqual(right);
    const applied = own(normalizing());
    const perExample = (out: tf.Tensor, y: tf.Tensor): tf.Tensor1D => tf.mean(tf.squaredDifference(out, y), 1);
    const ours = lossOfOutputs((rows: tf.Tensor2D) => applied.apply(rows, { training: true }) as tf.Tensor2D, perExample, x(), zeros); // prettier-ignore
    const optimizer = own(sam({ base, accumulate: 4 }));
    expect(messageOf(() => optimizer.minimize(ours, false, trained(applied)))).toMatch(/declareAverages\(model\)/);
    expect(averagesOf(applied)).toEqual([0, 1]);
    declareAverages(applied);
    optimizer.minimize(ours, false, trained(applied));
    expect(averagesOf(applied)).toEqual(right);
  });
});

describe('fit', () => {
  it.each([
    ['a variant', (settings: object) => sam({ base, ...settings })],
    ['LETS', (settings: object) => lets(sam({ base, ...settings }))],
  ])('case 14: goes through a last batch of fewer examples than parts: %s', async (name, optimizerOf) => {
    const { x, classes } = examples();
    const run = async (settings: object, graph: boolean): Promise<number[]> => {
      const model = own(classifier());
      const optimizer = own(optimizerOf(settings));
      const held = name === 'LETS' ? { validationData: [x, classes] as const } : {};
      compile(model, { optimizer, loss: 'categoricalCrossentropy', graph, ...held });
      await model.fit(x, classes, { batchSize: 4, epochs: 2, verbose: 0, shuffle: false });
      return weightsOf(model).flat();
    };
    const right = await run({ microBatches: 4 }, false);
    expect(right.every(Number.isFinite)).toBe(true);
    expectClose(await run({ microBatches: 4 }, true), right);
    expectClose(await run({ microBatches: 7 }, false), right); // Each example is a part of its own already.
  });
});
