import {
  createContainer,
  type FlatminContainer,
  isFlatminError,
  type OptimizerContext,
  type Spec,
} from '@flatmin/core';
import { sam, samPlugin } from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { compile } from './compile.js';
import { classifier, examples, growth, onWasm, normalizing, twoHeaded, weightsOf } from './models.fixture.js';

const base = { use: 'sgd', learningRate: 0.1 };
const sgd = () => tf.train.sgd(0.1);
const metrics = ['accuracy', 'mse'];
const loss = 'categoricalCrossentropy';
const fitting = { epochs: 3, batchSize: 2, shuffle: false, verbose: 0 } as const;

describe('compile', () => {
  it('moves batch-norm averages once per step, to the number worked by hand', async () => {
    const model = normalizing();
    compile(model, { optimizer: sam({ rho: 0.5, base }), loss: 'meanSquaredError' });
    // mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5; 0.9 * 0 + 0.1 * 3 = 0.3; 0.9 * 1 + 0.1 * 3.5 = 1.25.
    await model.trainOnBatch(tf.tensor2d([1, 2, 3, 6], [4, 1]), tf.tensor2d([0, 1, 0, 1], [4, 1]));
    const [, , mean, variance] = model.layers[0]!.getWeights().map((weight) => weight.dataSync()[0]!);
    expect(mean).toBeCloseTo(0.3, 6);
    expect(variance).toBeCloseTo(1.25, 6);
  });

  it('keeps the batch-norm averages of plain SGD over 8 steps, to the bit', async () => {
    const models = [normalizing(), normalizing()] as const;
    compile(models[0], { optimizer: sam({ rho: 0.5, base }), loss: 'meanSquaredError' });
    models[1].compile({ optimizer: sgd(), loss: 'meanSquaredError' });
    for (let step = 0; step < 8; step++) {
      const x = tf.tensor2d([step, 2 - step, 0.3 * step, 6], [4, 1]);
      for (const model of models) await model.trainOnBatch(x, tf.tensor2d([0, 1, 0, 1], [4, 1]));
    }
    const [ours, plain] = models.map((model) => weightsOf(model).slice(-2));
    expect(ours).toEqual(plain);
    expect(weightsOf(models[0])).not.toEqual(weightsOf(models[1]));
  });

  it('returns the loss and two metrics from trainOnBatch, with the values of a plain optimizer', async () => {
    const { x, classes } = examples();
    const [ours, plain] = [classifier(), classifier()];
    compile(ours, { optimizer: sam({ rho: 0.5, base }), loss, metrics });
    plain.compile({ optimizer: sgd(), loss, metrics });
    const reported = (await ours.trainOnBatch(x, classes)) as number[];
    expect(reported).toHaveLength(3);
    expect(reported).toEqual(await plain.trainOnBatch(x, classes));
  });

  it('with rho 0 gives the history and weights of the plain base, to the bit', async () => {
    const { x, classes } = examples();
    const [ours, plain] = [classifier(), classifier()];
    compile(ours, { optimizer: sam({ rho: 0, base }), loss, metrics });
    plain.compile({ optimizer: sgd(), loss, metrics });
    const options = { ...fitting, validationData: [x, classes] as [tf.Tensor, tf.Tensor] };
    const histories = [await ours.fit(x, classes, options), await plain.fit(x, classes, options)] as const;
    expect(histories[0].history).toEqual(histories[1].history);
    expect(Object.keys(histories[0].history)).toHaveLength(6);
    expect(weightsOf(ours)).toEqual(weightsOf(plain));
    const evaluated = [ours, plain].map((model) =>
      (model.evaluate(x, classes) as tf.Scalar[]).map((v) => v.dataSync()[0]),
    );
    expect(evaluated[0]).toEqual(evaluated[1]);
  });

  it('takes the SAM step: with rho above 0 the loss is the clean one and the weights differ', async () => {
    const { x, classes } = examples();
    const [ours, plain] = [classifier(), classifier()];
    const optimizer = compile(ours, { optimizer: sam({ rho: 0.5, base }), loss });
    plain.compile({ optimizer: sgd(), loss });
    expect(await ours.trainOnBatch(x, classes)).toBe(await plain.trainOnBatch(x, classes));
    expect(weightsOf(ours)).not.toEqual(weightsOf(plain));
    expect(optimizer.lastStep).toMatchObject({ gradientEvaluations: 2 });
    expect(optimizer.lastStep.perturbationNorm).toBeCloseTo(0.5, 5);
  });

  it('leaves as many tensors behind as a plain optimizer, in fit and trainOnBatch', async () => {
    const { x, classes } = examples();
    const [ours, plain] = [classifier(), classifier()];
    compile(ours, { optimizer: sam({ rho: 0.5, base }), loss, metrics });
    plain.compile({ optimizer: sgd(), loss, metrics });
    for (const run of [
      (model: tf.LayersModel) => model.fit(x, classes, { ...fitting, epochs: 2 }),
      (model: tf.LayersModel) => model.trainOnBatch(x, classes),
    ]) {
      await run(ours); // The first step makes the metrics of lastStep.
      expect(await growth(4, async () => void (await run(ours)))).toEqual(
        await growth(4, async () => void (await run(plain))),
      );
    }
  });

  it('trains by fitDataset as a plain optimizer does', async () => {
    const { x, classes } = examples();
    const rows = x.arraySync().map((xs, i) => ({ xs, ys: classes.arraySync()[i]! }));
    const dataset = () => tf.data.array(rows).batch(2) as tf.data.Dataset<{ xs: tf.Tensor; ys: tf.Tensor }>;
    const [ours, plain, steep] = [classifier(), classifier(), classifier()];
    compile(ours, { optimizer: sam({ rho: 0, base }), loss, metrics });
    compile(steep, { optimizer: sam({ rho: 0.5, base }), loss, metrics });
    plain.compile({ optimizer: sgd(), loss, metrics });
    const run = (model: tf.LayersModel) => model.fitDataset(dataset(), { epochs: 2, verbose: 0 });
    const histories = [await run(ours), await run(plain)] as const;
    expect(histories[0].history).toEqual(histories[1].history);
    expect(weightsOf(ours)).toEqual(weightsOf(plain));
    await run(steep);
    expect(await growth(2, async () => void (await run(steep)))).toEqual(
      await growth(2, async () => void (await run(plain))),
    );
  });

  it('handles several inputs, outputs and losses', async () => {
    const { x, right, classes, values } = examples();
    const args = {
      loss: { classes: loss, values: 'meanSquaredError' },
      metrics: { classes: 'accuracy', values: 'mse' },
    };
    const [ours, plain, steep] = [twoHeaded(), twoHeaded(), twoHeaded()];
    compile(ours, { optimizer: sam({ rho: 0, base }), ...args });
    compile(steep, { optimizer: sam({ rho: 0.5, base }), ...args });
    plain.compile({ optimizer: sgd(), ...args });
    const batch = [
      [x, right],
      [classes, values],
    ] as const;
    const run = (model: tf.LayersModel) => model.trainOnBatch([...batch[0]], [...batch[1]]);
    const reported = [await run(ours), await run(plain), await run(steep)] as number[][];
    expect(reported[0]).toHaveLength(5); // Total, two losses, two metrics.
    expect(reported[0]).toEqual(reported[1]);
    expect(reported[2]).toEqual(reported[1]);
    const fit = (model: tf.LayersModel) => model.fit([...batch[0]], [...batch[1]], fitting);
    expect((await fit(ours)).history).toEqual((await fit(plain)).history);
    expect(weightsOf(ours)).toEqual(weightsOf(plain));
    await fit(steep);
    expect(await growth(2, async () => void (await fit(steep)))).toEqual(
      await growth(2, async () => void (await fit(plain))),
    );
  });

  it('weights classes as a plain optimizer does', async () => {
    const { x, classes } = examples();
    const [ours, plain] = [classifier(), classifier()];
    compile(ours, { optimizer: sam({ rho: 0, base }), loss, metrics });
    plain.compile({ optimizer: sgd(), loss, metrics });
    const options = { ...fitting, classWeight: { 0: 1, 1: 3, 2: 0.5 } };
    expect((await ours.fit(x, classes, options)).history).toEqual((await plain.fit(x, classes, options)).history);
    expect(weightsOf(ours)).toEqual(weightsOf(plain));
  });

  it('perturbs regularizers with the rest', async () => {
    const kernelInitializer = tf.initializers.constant({ value: 2 });
    const kernelRegularizer = tf.regularizers.l2({ l2: 0.5 });
    const layer = tf.layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer, kernelRegularizer });
    const model = tf.sequential({ layers: [layer] });
    compile(model, { optimizer: sam({ rho: 0.5, base }), loss: 'meanSquaredError' });
    // L = w^2 + 0.5 w^2: at w = 2 the loss is 6; the gradient at 2 + 0.5 is 3 * 2.5 = 7.5; w = 2 - 0.1 * 7.5.
    expect(await model.trainOnBatch(tf.tensor2d([[1]]), tf.tensor2d([[0]]))).toBeCloseTo(6, 5);
    expect(weightsOf(model)[0]![0]).toBeCloseTo(1.25, 5);
  });

  it('leaves frozen layers alone, and trains with dropout', async () => {
    const { x, classes } = examples();
    const [frozen, trained] = classifier().layers as [tf.layers.Layer, tf.layers.Layer];
    const model = tf.sequential({ layers: [frozen, tf.layers.dropout({ rate: 0.5 }), trained] });
    frozen.trainable = false;
    compile(model, { optimizer: sam({ rho: 0.5, base }), loss });
    const values = () => [frozen, trained].map((layer) => layer.getWeights().map((weight) => [...weight.dataSync()]));
    const before = values();
    const { history } = await model.fit(x, classes, fitting);
    expect(history.loss!.every(Number.isFinite)).toBe(true);
    expect(values()[0]).toEqual(before[0]);
    expect(values()[1]).not.toEqual(before[1]);
  });

  (onWasm ? it.skip : it)('trains embeddings and convolutions', async () => {
    const build = () =>
      tf.sequential({
        layers: [
          tf.layers.embedding({
            inputDim: 5,
            outputDim: 4,
            inputLength: 6,
            embeddingsInitializer: tf.initializers.randomNormal({ seed: 7 }),
          }),
          tf.layers.conv1d({
            filters: 3,
            kernelSize: 3,
            kernelInitializer: tf.initializers.glorotUniform({ seed: 8 }),
          }),
          tf.layers.globalAveragePooling1d({}),
        ],
      });
    const x = tf.tensor2d([[0, 1, 2, 3, 4, 0], [4, 4, 3, 2, 1, 0]]); // prettier-ignore
    const y = tf.tensor2d([[1, 0, 0], [0, 1, 0]]); // prettier-ignore
    const [ours, plain] = [build(), build()];
    compile(ours, { optimizer: sam({ rho: 0, base }), loss: 'meanSquaredError', metrics });
    plain.compile({ optimizer: sgd(), loss: 'meanSquaredError', metrics });
    expect((await ours.fit(x, y, fitting)).history).toEqual((await plain.fit(x, y, fitting)).history);
    expect(weightsOf(ours)).toEqual(weightsOf(plain));
  });
});

describe('compile with a spec', () => {
  const container = createContainer({ plugins: [samPlugin] });
  const spec = { use: 'sam', rho: 0.5, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } };

  it('makes the optimizer through the container, with the roles of the model; the model owns it', async () => {
    const { x, classes } = examples();
    const model = classifier();
    const seen: unknown[] = [];
    const recording: Pick<FlatminContainer, 'createOptimizer'> = {
      createOptimizer: (given: unknown, context?: OptimizerContext) => {
        seen.push(context?.parameters);
        return container.createOptimizer(given as Spec, context);
      },
    };
    const kernel = model.weights[0]!.name;
    const optimizer = compile(model, {
      optimizer: spec,
      loss,
      container: recording,
      parameters: { [kernel]: 'other' },
    });
    expect(seen).toEqual([expect.objectContaining({ [kernel]: 'other', [model.weights[2]!.name]: 'kernel' })]);
    await model.trainOnBatch(x, classes);
    model.dispose();
    expect(() => optimizer.minimize(() => tf.scalar(0))).toThrow(/was disposed/);
  });

  it('cases 22, 23: whatever is given is compiled, or a FlatminError with the model as before', async () => {
    const { x, classes } = examples();
    const model = classifier();
    const container = createContainer({ plugins: [samPlugin] });
    const good = { optimizer: { use: 'sam', base }, loss, metrics, container };
    compile(model, good);
    await model.fit(x, classes, { ...fitting, epochs: 1 });
    const before = [model.optimizer, tf.memory().numTensors, weightsOf(model)];
    const hostile = [null, undefined, 3, 'nonsense', [], {}, () => 1, [null], NaN];
    const calls = hostile.flatMap((value) => [
      () => compile(value as never, good),
      () => compile(model, value as never),
      () => compile(model, { ...good, optimizer: value as never }),
      ...(value === undefined || typeof value === 'function'
        ? []
        : [() => compile(model, { ...good, loss: value as never })]),
      ...(value === 'nonsense' || value === 3 ? [() => compile(model, { ...good, metrics: [value as never] })] : []),
      ...(value === undefined ? [] : [() => compile(model, { ...good, totalSteps: value as never })]),
    ]);
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        if (!isFlatminError(error)) throw error;
        expect([model.optimizer, tf.memory().numTensors, weightsOf(model)]).toEqual(before);
        continue;
      }
      compile(model, good); // It was fine: on from here.
      await model.fit(x, classes, { ...fitting, epochs: 1 });
      before.splice(0, 3, model.optimizer, tf.memory().numTensors, weightsOf(model));
    }
  });

  it("case 22: compiled again, frees the former optimizer where it was the model's, and leaves that of the caller", async () => {
    const { x, classes } = examples();
    const container = createContainer({ plugins: [samPlugin] });
    const optimizer = { use: 'sam', base: { use: 'adam', learningRate: 0.01 } };
    for (const make of [classifier, normalizing] as const) {
      const model = make();
      const [data, target] = make === classifier ? [x, classes] : [tf.ones([4, 1]), tf.ones([4, 1])];
      const compileAndFit = async (of: typeof optimizer | ReturnType<typeof sam>): Promise<void> => {
        compile(model, { optimizer: of, loss: 'meanSquaredError', container });
        await model.fit(data, target, { ...fitting, epochs: 1 });
      };
      await compileAndFit(optimizer);
      const { numTensors } = tf.memory();
      for (let i = 0; i < 3; i++) await compileAndFit(optimizer);
      expect(tf.memory().numTensors).toBe(numTensors);
      const own = sam({ base: { use: 'adam', learningRate: 0.01 } });
      await compileAndFit(own);
      await compileAndFit(optimizer);
      own.minimize(() => tf.sum(tf.square(model.trainableWeights[0]!.read()))); // Still alive.
      // A loss that is none leaves the model as it was, with its optimizer.
      const before = model.optimizer;
      const wrong = { optimizer, container, loss: 'noSuchLoss' };
      expect(() => compile(model, wrong)).toThrow(
        /cannot be compiled with this loss and these metrics: .*noSuchLoss.*as before/,
      );
      expect(model.optimizer).toBe(before);
      await model.fit(data, target, { ...fitting, epochs: 1 });
      model.dispose();
      own.dispose();
    }
  });

  it('refuses by name what it cannot use', () => {
    const model = classifier();
    const given = { loss, container };
    expect(() => compile(model, { loss, optimizer: spec })).toThrow(/needs a container/);
    expect(() => compile(model, { ...given, optimizer: sgd() as never })).toThrow(/use model\.compile/);
    expect(() => compile(model, { ...given, optimizer: sam({ base }), totalSteps: 9 })).toThrow(/totalSteps came with/);
    expect(() => compile(model, { ...given, optimizer: { use: 'sam', rho: -1, base } })).toThrow(/rho/);
    const { x, classes } = examples();
    const held = { validationLoss: () => tf.scalar(0), validationData: [x, classes] as const };
    expect(() => compile(model, { ...given, optimizer: spec, ...held })).toThrow(/Give one of them/);
    expect(model.optimizer).toBeUndefined();
  });
});
