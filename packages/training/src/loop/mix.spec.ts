import { isFlatminError, RandomStream } from '@flatmin/core';
import type { DataSet } from '@flatmin/core/plugin';
import { exampleDataSet } from '@flatmin/data';
import { lets } from '@flatmin/lets';
import { sam } from '@flatmin/sam';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { disposeCheckpoint } from '../checkpoint/checkpoint.js';
import { decodeCheckpoint } from '../checkpoint/checkpointFormat.js';
import { drawMix } from '../mix/drawMix.js';
import { mixSchema } from '../settings/mix.js';
import { problemsOfRun } from '../settings/problemsOfRun.js';
import type { AnyModel } from '../tasks/task.js';
import { memoryStore, timeless, tinyDataSet, tinyModel, trainTiny } from './tinyRun.fixture.js';

const mix = { mixup: { alpha: 1 } } as const;
const base = { use: 'sgd', learningRate: 0.1 } as const;

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

/** The tiny model, and the values of x of each call of it in training and out of it. */
function watchedModel() {
  const model = tinyModel();
  const seen: { training: number[][]; other: number[][] } = { training: [], other: [] };
  const apply: typeof model.apply = (x, options) => {
    seen[options?.training === true ? 'training' : 'other'].push([...x.dataSync()]);
    return model.apply(x, options);
  };
  return { model: { ...model, apply }, seen };
}

/** The batches of x of an epoch, as the data set gives them at seed 3. */
async function batchesOf(epoch: number): Promise<number[][]> {
  const found: number[][] = [];
  const shuffle = new RandomStream(3).at('shuffle').at(epoch);
  for await (const { x, y } of tinyDataSet().train.batches({ batchSize: 8, shuffle })) {
    found.push([...x.dataSync()]);
    tf.dispose([x, y]);
  }
  return found;
}

/** Those of the first epoch, mixed by hand. */
async function mixedByHand(): Promise<number[][]> {
  return (await batchesOf(0)).map((x, step) => {
    const draw = drawMix(mixSchema.parse(mix), new RandomStream(3).at('mix').at(step), [x.length / 2, 2]);
    const { lambda, partners } = draw as NonNullable<typeof draw>;
    return x.map(
      (value, i) => lambda * value + (1 - lambda) * (x[2 * (partners[i >> 1] as number) + (i % 2)] as number),
    );
  });
}

function expectClose(actual: readonly number[][], expected: readonly number[][]): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const flat = expected.flat();
  actual.flat().forEach((value, i) => expect(value).toBeCloseTo(flat[i] as number, 5));
}

describe('a run whose batches are mixed', () => {
  it('shows both passes of a SAM step one mix, that of seed and step, and callbacks the same', async () => {
    const { model, seen } = watchedModel();
    const shown: number[][] = [];
    const sums: number[] = [];
    const onBatch = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }): void => {
      shown.push([...x.dataSync()]);
      sums.push(...tf.tidy(() => tf.sum(y, 1).dataSync()));
    };
    const run = { model, mix, epochs: 1, eager: true, dryRun: false, evaluate: { parts: [] } };
    await trainTiny({ ...run, callbacks: [{ onBatch }] });
    const expected = await mixedByHand();
    expectClose(shown, expected);
    expect(seen.training).toEqual(shown.flatMap((x) => [x, x]));
    sums.forEach((sum) => expect(sum).toBeCloseTo(1, 6));
    model.dispose();
  });

  it('takes the step on the mixed batch that one would take by hand', async () => {
    const { weights } = await trainTiny({
      mix,
      epochs: 1,
      labelSmoothing: 0.1,
      dryRun: false,
      evaluate: { parts: [] },
    });
    const byHand = tinyModel();
    const optimizer = sam({ rho: 0.1, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } });
    const shuffle = new RandomStream(3).at('shuffle').at(0);
    let step = 0;
    for await (const { x, y } of tinyDataSet().train.batches({ batchSize: 8, shuffle })) {
      const draw = drawMix(mixSchema.parse(mix), new RandomStream(3).at('mix').at(step++), x.shape);
      const { lambda, partners } = draw as NonNullable<typeof draw>;
      tf.tidy(() => {
        const rows = tf.tensor1d([...partners], 'int32');
        const blend = (t: tf.Tensor): tf.Tensor => tf.add(tf.mul(t, lambda), tf.mul(tf.gather(t, rows), 1 - lambda));
        const labels = blend(tf.oneHot(y, 3).toFloat());
        const target = tf.add(tf.mul(labels, 0.9), 0.1 / 3);
        const mixed = blend(x);
        const logits = (): tf.Tensor => byHand.apply(mixed, { training: true });
        const loss = () => tf.losses.softmaxCrossEntropy(target, logits()) as tf.Scalar;
        optimizer.minimize(loss, false, [...byHand.variables]);
      });
      tf.dispose([x, y]);
    }
    expectClose(
      weights as number[][],
      byHand.variables.map((variable) => [...variable.dataSync()]),
    );
    optimizer.dispose();
    byHand.dispose();
  });

  it('evaluates, and learns rho, on examples as they are', async () => {
    const { model, seen } = watchedModel();
    const heldOut = tf.tidy(() => tf.keep(tf.tensor2d([[1, 0]])));
    const validationLoss = (): tf.Scalar =>
      tf.tidy(() => tf.mean<tf.Scalar>(tf.square(model.apply(heldOut, { training: false }))));
    const optimizer = lets(sam({ rho: 0.1, base }), { validationLoss, totalSteps: 5 });
    const run = {
      model,
      optimizer,
      mix,
      epochs: 1,
      eager: true,
      dryRun: false,
      evaluate: { parts: ['test'] },
    } as const;
    await trainTiny(run);
    const batches = await mixedByHand();
    // All passes of a step of LETS, those of its own among them, are on the mixed batch or on held-out data as it is.
    const passes = seen.training.filter((x, i) => String(x) !== String(seen.training[i - 1]));
    expectClose(passes, batches);
    const unmixed: number[][] = [];
    for await (const { x, y } of tinyDataSet().test.batches({ batchSize: 500 })) {
      unmixed.push([...x.dataSync()]);
      tf.dispose([x, y]);
    }
    expect(seen.other.slice(-1)).toEqual(unmixed);
    seen.other.slice(0, -1).forEach((x) => expect(x).toEqual([1, 0]));
    expect(seen.other.length).toBeGreaterThan(3);
    optimizer.dispose();
    model.dispose();
    heldOut.dispose();
  });

  it('is the same run as graphs, which get each mix as an input', async () => {
    const often = { mix: { ...mix, prob: 0.6 } };
    const eager = await trainTiny({ ...often, eager: true });
    const graphs = await trainTiny(often);
    expect(graphs.weights.flat().map((value) => Math.fround(value))).toEqual(
      eager.weights.flat().map((value) => expect.closeTo(value, 5) as unknown),
    );
    const phases: string[] = [];
    await trainTiny({ ...often, callbacks: [{ observesOnly: true, onPhase: ({ phase }) => void phases.push(phase) }] });
    // A graph for batches of 8 and one for the last of 4, and none after the first epoch.
    const recorded = phases.filter((phase) => phase === 'recording').length;
    expect(recorded).toBe(tf.getBackend() === 'tensorflow' ? 2 : 0);
  });

  it.each([false, true])('resumes bit for bit from any step (eager: %p)', async (eager) => {
    const options = { mix: { ...mix, prob: 0.8 }, epochs: 2, checkpointEvery: 1, eager };
    const store = memoryStore();
    const whole = await trainTiny({ ...options, checkpoints: store });
    expect(store.files).toHaveLength(10);
    for (const file of [store.files[0], store.files[3], store.files[6]]) {
      const resume = decodeCheckpoint(file as Uint8Array, 'memory');
      expect(timeless(await trainTiny({ ...options, resume }))).toEqual(timeless(whole));
      disposeCheckpoint(resume);
    }
  });

  it('differs from one that is not, and belongs to its mix: a checkpoint of another is refused', async () => {
    const store = memoryStore();
    const mixed = await trainTiny({ mix: { mixup: {} }, checkpoints: store });
    expect(mixed.weights).not.toEqual((await trainTiny()).weights);
    const resume = decodeCheckpoint(store.files[0] as Uint8Array, 'memory');
    await expect(trainTiny({ resume })).rejects.toThrow(/mix: .*"alpha":0.2.* there, not told here/);
    await expect(trainTiny({ resume, mix: { mixup: { alpha: 0.3 } } })).rejects.toThrow(
      /mix: .*0\.2.* there, .*0\.3.* here/,
    );
    // A default that is written out is no other run.
    await trainTiny({ resume, mix: { mixup: { alpha: 0.2 }, prob: 1 } });
    disposeCheckpoint(resume);
  });

  it('may be cut into parts as any other', async () => {
    const optimizer = sam({ rho: 0.1, base, accumulate: 3 });
    const whole = sam({ rho: 0.1, base });
    const [parts, expected] = [await trainTiny({ mix, optimizer }), await trainTiny({ mix, optimizer: whole })];
    expectClose(parts.weights as number[][], expected.weights as number[][]);
    optimizer.dispose();
    whole.dispose();
  });
});

describe('CutMix in a run', () => {
  it('trains on images: each pixel is one of the two, and labels follow the area', async () => {
    const images = Array.from({ length: 8 }, (_, i) => new Uint8Array(16).fill(i * 20));
    const source = { size: 8, read: (rows: ArrayLike<number>) => Promise.resolve(Array.from(rows, (i) => images[i] as Uint8Array)), labels: Int32Array.from({ length: 8 }, (_, i) => i) }; // prettier-ignore
    const prepare = (values: ArrayLike<number>): Float32Array => Float32Array.from(values, (value) => value / 20);
    const parts = { train: source, test: source, choice: { validation: 0 } };
    const dataset = exampleDataSet({ id: 'gray', inputShape: [4, 4, 1], classes: 8, prepare, ...parts });
    const weights = tf.tidy(() => tf.variable(tf.zeros([16, 8])));
    const model = {
      description: 'linear',
      variables: [weights],
      apply: (x: tf.Tensor) => tf.matMul(tf.reshape(x, [-1, 16]), weights),
      dispose: () => weights.dispose(),
    } as unknown as AnyModel;
    let checked = 0;
    const onBatch = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }): void => {
      const [pixels, shares] = [x.dataSync(), y.dataSync()];
      // The level of an image is its class: the share of a class is that of its pixels.
      for (let i = 0; i < 8; i++) {
        for (let label = 0; label < 8; label++) {
          const area = pixels.subarray(16 * i, 16 * i + 16).filter((pixel) => pixel === label).length / 16;
          expect(shares[8 * i + label]).toBeCloseTo(area, 6);
          if (area > 0 && area < 1) checked += 1;
        }
      }
    };
    await trainTiny({ dataset, model, mix: { cutmix: {} }, batchSize: 8, epochs: 8, callbacks: [{ onBatch }] });
    expect(checked).toBeGreaterThan(20);
    model.dispose();
  });
});

describe('a mix that makes no sense', () => {
  const settings = { epochs: 1, batchSize: 8 };
  const ofTask = (more: object): DataSet => ({ ...tinyDataSet(), ...more }) as unknown as DataSet;
  const vocabulary = { size: 5, tokens: [], idOf: () => 0 };

  it.each<[string, object, object, string]>([
    ['ids of texts', mix, { vocabulary }, 'mix is given for ids of tokens, which have nothing between them'],
    ['running text', mix, { task: 'language-modelling', vocabulary }, 'mix is given for ids of tokens, which have nothing between them'],
    ['pairs of sequences', { cutmix: {} }, { task: 'sequence-to-sequence' }, 'mix is given for ids of tokens, which have nothing between them'],
    ['neither of the two', { prob: 0.5 }, {}, 'mix names neither mixup nor cutmix'],
    ['turns of one', { ...mix, switchProb: 0.5 }, {}, 'mix.switchProb chooses between mixup and cutmix, and one of them is given'],
    ['boxes of what is no image', { cutmix: {} }, {}, 'mix.cutmix needs images, [height, width, channels], and the examples of tiny have shape [2]'],
    ['boxes in a regression', { cutmix: {} }, { task: 'regression', inputShape: [4, 4, 1] }, 'mix.cutmix is for classes, and this is a regression'],
  ])('is refused by name, before any weight changes: %s', async (_, given, more, line) => {
    const run = { ...settings, mix: given };
    const dataset = ofTask(more);
    const problems = problemsOfRun(run, { dataset });
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([line]);
    const model = tinyModel();
    const before = model.variables.map((variable) => [...variable.dataSync()]);
    const error: unknown = await trainTiny({ ...run, dataset, model, dryRun: false }).catch((each: unknown) => each);
    expect(isFlatminError(error) && error.code).toBe('SPEC_INVALID');
    expect(model.variables.map((variable) => [...variable.dataSync()])).toEqual(before);
    model.dispose();
  }); // prettier-ignore

  it.each<[string, object, readonly string[]]>([
    ['a slip in a name', { mixup: { alpa: 0.2 } }, ['mix.mixup.alpa']],
    ['a slip in a name above', { cutmx: {} }, ['mix.cutmx']],
    ['numbers out of range', { mixup: { alpha: 0 }, cutmix: { alpha: -1 }, prob: 0, switchProb: 2 }, ['mix.mixup.alpha', 'mix.cutmix.alpha', 'mix.prob', 'mix.switchProb']],
  ])('is refused by the schema: %s', async (_, given, paths) => {
    const error: unknown = await trainTiny({ mix: given }).catch((thrown: unknown) => thrown);
    if (!isFlatminError(error)) throw error;
    expect(error.code).toBe('SPEC_INVALID');
    expect(error.problems.map(({ path }) => path)).toEqual(paths);
  }); // prettier-ignore
});

describe('mixup of a regression', () => {
  it('mixes numbers: a step on the pairs is that of the blended targets', async () => {
    const rows = [[0, 1], [4, 3]] as const; // prettier-ignore
    const part = {
      size: 2,
      async *batches() {
        yield await Promise.resolve({ x: tf.tensor2d(rows.map(([x]) => [x])), y: tf.tensor1d(rows.map(([, y]) => y)) });
      },
    };
    const parts = { train: part, validation: part, test: part };
    const dataset = { id: 'two', task: 'regression', inputShape: [1], classes: 1, ...parts } as unknown as DataSet;
    const w = tf.tidy(() => tf.variable(tf.zeros([1, 1])));
    const model = { description: 'a slope', variables: [w], apply: (x: tf.Tensor) => tf.matMul(x, w), dispose: () => w.dispose() } as unknown as AnyModel; // prettier-ignore
    // The first seed whose permutation swaps the two.
    const drawOf = (seed: number) => drawMix(mixSchema.parse(mix), new RandomStream(seed).at('mix').at(0), [2, 1])!;
    const seed = [...Array(50).keys()].find((each) => drawOf(each).partners[0] === 1) as number;
    const optimizer = sam({ rho: 0, base });
    await trainTiny({ dataset, model, optimizer, mix, seed, epochs: 1, batchSize: 2 });
    const { lambda } = drawOf(seed);
    // d/dw of the mean of (w x - y)^2 at 0 is -2 times the mean of x y, where x is 4 (1 - lambda) and 4 lambda, and y
    // is 3 - 2 lambda and 1 + 2 lambda.
    const gradient = -(4 * (1 - lambda) * (3 - 2 * lambda) + 4 * lambda * (1 + 2 * lambda));
    expect(w.dataSync()[0]).toBeCloseTo(-0.1 * gradient, 5);
    optimizer.dispose();
    model.dispose();
  });
});
