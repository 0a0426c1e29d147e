import { esam } from '@flatmin/esam';
import { lets } from '@flatmin/lets';
import { sam } from '@flatmin/sam';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { SharpnessAwareOptimizer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs';
import { compile, type CompileOptions } from './compile.js';
import { convertDropout } from './convertDropout.js';
import { classifier, examples, growth, normalizing, twoHeaded, weightsOf } from './models.fixture.js';

const onNative = process.env['FLATMIN_BACKEND'] === undefined || process.env['FLATMIN_BACKEND'] === 'tensorflow';
const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const metrics = ['accuracy', 'mse'];
const loss = 'categoricalCrossentropy';
// Batches of two sizes: another graph for the last.
const fitting = { epochs: 4, batchSize: 3, shuffle: false, verbose: 0 } as const;

afterEach(() => {
  jest.restoreAllMocks();
});

/** The same but for what TensorFlow rounds otherwise in a graph. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 5);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

/** Fits both, eagerly and by graphs; gives what each said, with what it printed. */
async function fitBoth(
  make: () => tf.LayersModel,
  create: () => SharpnessAwareOptimizer,
  fit: (model: tf.LayersModel) => Promise<unknown>,
  options: Omit<CompileOptions, 'optimizer'>,
) {
  const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  try {
    const results: { model: tf.LayersModel; optimizer: SharpnessAwareOptimizer; result: unknown }[] = [];
    for (const graph of [false, true]) {
      const model = make();
      const optimizer = compile(model, { ...options, optimizer: create(), graph });
      results.push({ model, optimizer, result: await fit(model) });
    }
    const [eager, graphs] = results as [(typeof results)[0], (typeof results)[0]];
    expect(graphs.result).toEqual(rounded(eager.result));
    expect(weightsOf(graphs.model)).toEqual(rounded(weightsOf(eager.model)));
    return { lines: said.mock.calls.map(([line]) => String(line)), graphs };
  } finally {
    said.mockRestore();
  }
}

(onNative ? describe : describe.skip)('compile with graph: true, on the native backend', () => {
  it('fits as eagerly: history, metrics, weights', async () => {
    const { x, classes } = examples();
    const fit = async (model: tf.LayersModel) => (await model.fit(x, classes, fitting)).history;
    const { lines, graphs } = await fitBoth(classifier, () => sam({ rho: 0.1, base }), fit, { loss, metrics });
    expect(lines).toEqual([]);
    expect(graphs.optimizer.lastStep.gradientEvaluations).toBe(2);
    expect(Object.keys(graphs.result as object)).toEqual(['loss', 'acc', 'mse']);
  });

  it('moves the averages of batch normalization once a step', async () => {
    const fit = async (model: tf.LayersModel) => {
      for (let step = 0; step < 6; step++) {
        const x = tf.tensor2d([step, 2 - step, 0.3 * step, 6], [4, 1]);
        await model.trainOnBatch(x, tf.tensor2d([0, 1, 0, 1], [4, 1]));
      }
    };
    const { lines } = await fitBoth(normalizing, () => sam({ rho: 0.5, base }), fit, { loss: 'meanSquaredError' });
    expect(lines).toEqual([]);
  });

  it('reports the losses of several outputs, weighs classes, and takes regularizers along', async () => {
    const { x, right, classes, values } = examples();
    const args = {
      loss: { classes: loss, values: 'meanSquaredError' },
      metrics: { classes: 'accuracy', values: 'mse' },
    };
    const fit = async (model: tf.LayersModel) => {
      const reported: unknown[] = [];
      for (let i = 0; i < 4; i++) reported.push(await model.trainOnBatch([x, right], [classes, values]));
      return reported;
    };
    const { lines, graphs } = await fitBoth(twoHeaded, () => sam({ rho: 0.2, base }), fit, args);
    expect(lines).toEqual([]);
    expect((graphs.result as number[][])[0]).toHaveLength(5);
    const weigh = async (model: tf.LayersModel) =>
      (await model.fit(x, classes, { ...fitting, classWeight: { 0: 1, 1: 3, 2: 0.5 } })).history;
    await fitBoth(classifier, () => sam({ rho: 0.2, base }), weigh, { loss, metrics });
  });

  it('takes parts of a batch, selected examples and LETS along', async () => {
    const { x, classes } = examples();
    const fit = async (model: tf.LayersModel) => (await model.fit(x, classes, { ...fitting, batchSize: 6 })).history;
    const held = { validationData: [x, classes] as [tf.Tensor, tf.Tensor] };
    for (const create of [
      () => sam({ rho: 0.1, microBatches: 2, base }),
      () => esam({ gamma: 0.5, base }),
      () => lets(sam({ rho: 0.1, base }), { preset: 'robust' }),
    ]) {
      const { lines } = await fitBoth(classifier, create, fit, { loss, metrics, ...held });
      expect(lines).toEqual([]);
    }
  });

  it('leaves no tensor behind, nor with the model', async () => {
    const { x, classes } = examples();
    const before = tf.memory().numTensors;
    const model = classifier();
    const optimizer = compile(model, { optimizer: sam({ rho: 0.1, base }), loss, metrics, graph: true });
    const fit = async () => void (await model.fit(x, classes, fitting));
    await fit();
    expect(await growth(3, fit)).toEqual([0, 0, 0]);
    optimizer.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('case 39: goes on eagerly with layers that draw and with recurrent states, and says which, and what to do, in one line', async () => {
    const { x, classes } = examples();
    const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const dropping = (): tf.Sequential =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 4, inputShape: [2] }),
          tf.layers.dropout({ rate: 0.5, name: 'drop' }),
          tf.layers.gaussianNoise({ stddev: 0.1, name: 'noise' }),
          tf.layers.dense({ units: 3, activation: 'softmax' }),
        ],
      });
    try {
      const drawing = dropping();
      compile(drawing, { optimizer: sam({ rho: 0.1, base }), loss, graph: true });
      const { history } = await drawing.fit(x, classes, fitting);
      expect(history.loss).toHaveLength(4);
      const walking = tf.sequential({
        layers: [
          tf.layers.simpleRNN({ units: 2, stateful: true, batchInputShape: [6, 2, 1] }),
          tf.layers.dense({ units: 3 }),
        ],
      });
      compile(walking, { optimizer: sam({ rho: 0.1, base }), loss: 'meanSquaredError', graph: true });
      await walking.trainOnBatch(tf.reshape(x, [6, 2, 1]), classes);
      expect(said.mock.calls.map(([line]) => String(line))).toEqual([
        expect.stringMatching(
          /steps run eagerly.*drop \(Dropout\), noise \(GaussianNoise\) of .*convertDropout.*dropoutLayer/,
        ),
        expect.stringMatching(/recurrent layers with their own states/),
      ]);
    } finally {
      said.mockRestore();
    }
  });

  it('case 39: a loaded model with tf.layers.dropout runs as graphs once it is converted', async () => {
    const { x, classes } = examples();
    const kernel = (seed: number) => tf.initializers.glorotNormal({ seed });
    const make = (): tf.LayersModel => {
      const model = tf.sequential({
        layers: [
          tf.layers.dense({ units: 8, inputShape: [2], kernelInitializer: kernel(1) }),
          tf.layers.dropout({ rate: 0.5 }),
          tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernel(2) }),
        ],
      });
      convertDropout(model);
      return model;
    };
    const fit = async (model: tf.LayersModel) => (await model.fit(x, classes, fitting)).history;
    const { lines } = await fitBoth(make, () => sam({ rho: 0.1, base }), fit, { loss });
    expect(lines).toEqual([]);
  });

  it.each(['onEpochEnd', 'onBatchEnd', 'onEpochBegin'] as const)(
    'case 1: follows what %s of fit changes',
    async (event) => {
      const { x, classes } = examples();
      const runs: unknown[] = [];
      const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      for (const graph of [false, true]) {
        const model = classifier();
        let strength = 1;
        const weighed = (yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor =>
          tf.tidy(() => tf.mul(strength, tf.metrics.categoricalCrossentropy(yTrue, yPred)));
        compile(model, { optimizer: sam({ rho: 0.1, base }), loss: weighed, graph });
        // Little, so that training does not diverge: that would make differences of rounding as large as any.
        const change = async (): Promise<void> => void (strength *= 1.05);
        const { history } = await model.fit(x, classes, { ...fitting, epochs: 12, callbacks: { [event]: change } });
        await model.trainOnBatch(x, classes);
        strength = 0.25; // Nobody is called for this.
        runs.push([history.loss, await model.trainOnBatch(x, classes), weightsOf(model)]);
      }
      expect(runs[1]).toEqual(rounded(runs[0]));
      // One for each way in which batches come: fit's and trainOnBatch's.
      const line = [expect.stringMatching(/a number that .* takes was .* it is an input/)];
      expect(said.mock.calls).toEqual([line, line]);
    },
  );

  it('case 13: another backend: the steps go on eagerly, and no weight is lost', async () => {
    const { x, classes } = examples();
    const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const runs: { weights: unknown; losses: unknown }[] = [];
    try {
      for (const graph of [false, true]) {
        const model = classifier();
        const optimizer = compile(model, { optimizer: sam({ rho: 0.1, base }), loss, metrics, graph });
        const before = await model.fit(x, classes, fitting);
        await tf.setBackend('cpu');
        const after = await model.fit(x, classes, fitting);
        await tf.setBackend('tensorflow');
        const back = await model.fit(x, classes, fitting);
        runs.push({ weights: weightsOf(model), losses: [before, after, back].map(({ history }) => history) });
        optimizer.dispose();
        model.dispose();
      }
    } finally {
      await tf.setBackend('tensorflow');
    }
    expect(runs[1]).toEqual(rounded(runs[0]));
    const lines = said.mock.calls.map(([line]) => String(line)).filter((line) => line.startsWith('flatmin'));
    expect(lines).toEqual([expect.stringMatching(/steps run eagerly.*the active one is now cpu/)]);
  });
});
