import { createContainer, declareMoments, type SharpnessAwareOptimizer } from '@flatmin/core';
import { type BaseOptimizer, type EndedStep, definePlugin, type Model } from '@flatmin/core/plugin';
import { samPlugin } from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { decodeCheckpoint } from '../checkpoint/checkpointFormat.js';
import { evaluate } from '../metrics/evaluate.js';
import type { TrainOptions } from './options.js';
import { memoryStore, timeless, tinyDataSet, tinyModel, trainTiny } from './tinyRun.fixture.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);

/** SGD that keeps an average of the weights, and evaluates by it where it says so. */
class AveragingBase implements BaseOptimizer {
  readonly id = 'averaging';
  readonly isReplayable = true;
  learningRate = 0.2;
  #averages: tf.Variable[] = [];
  constructor(readonly evaluates: boolean) {}
  apply(variables: readonly tf.Variable[], gradients: readonly (tf.Tensor | undefined)[]): void {
    tf.tidy(() => variables.forEach((v, i) => v.assign(tf.sub(v, tf.mul(0.2, gradients[i] as tf.Tensor)))));
  }
  afterStep({ variables }: EndedStep): void {
    variables.forEach((v, i) => {
      const average = this.#averages[i];
      if (average === undefined) this.#averages.push(tf.tidy(() => v.clone().variable(false)));
      else average.assign(tf.tidy(() => tf.add(tf.mul(0.75, average), tf.mul(0.25, v))));
    });
  }
  evaluationWeights(): tf.Tensor[] | undefined {
    return this.evaluates && this.#averages.length > 0 ? this.#averages.map((each) => each.clone()) : undefined;
  }
  option(): undefined {
    return undefined;
  }
  slot(name: string): tf.Tensor[] | undefined {
    return name === 'average' ? this.#averages : undefined;
  }
  owned(): tf.Variable[] {
    return this.#averages;
  }
  async save() {
    return { slots: this.#averages.length === 0 ? {} : { average: this.#averages }, scalars: {} };
  }
  restore({ slots }: { readonly slots: Readonly<Record<string, readonly tf.Tensor[]>> }): void {
    tf.dispose(this.#averages);
    this.#averages = (slots['average'] ?? []).map((value) => tf.tidy(() => value.clone().variable(false)));
  }
  dispose(): void {
    this.restore({ slots: {} });
  }
}

const averagingPlugin = definePlugin({
  kind: 'base',
  id: 'averaging',
  apiVersion: 1,
  description: 'SGD that keeps an average.',
  options: z.strictObject({ evaluates: z.boolean().default(true) }),
  create: ({ evaluates }) => new AveragingBase(evaluates),
});
const container = createContainer({ plugins: [samPlugin, averagingPlugin] });
const optimizerOf = (evaluates = true): SharpnessAwareOptimizer =>
  own(container.createOptimizer({ use: 'sam', rho: 0.05, base: { use: 'averaging', evaluates } } as never));

/** The tiny network with its hidden values normalized by their batch, and a count of the passes in training. */
function normalizedModel(): Model & { passes: number } {
  const tiny = own(tinyModel());
  const [hidden, output] = tiny.variables as [tf.Variable<tf.Rank.R2>, tf.Variable<tf.Rank.R2>];
  const statistic = (value: number): tf.Variable => own(tf.tidy(() => tf.variable(tf.fill([8], value), false)));
  const [mean, variance] = [statistic(0), statistic(1)];
  declareMoments(mean, variance, 0.1);
  const move = (average: tf.Variable, value: tf.Tensor): void =>
    average.assign(tf.sub(average, tf.mul(tf.sub(average, value), 0.1)));
  const model = {
    ...tiny,
    passes: 0,
    variables: [hidden, output, mean, variance],
    apply: (x: tf.Tensor, options: { training?: boolean } = {}) => {
      const h = tf.matMul(x as tf.Tensor2D, hidden);
      if (options.training !== true) return tf.matMul(tf.relu(tf.div(tf.sub(h, mean), tf.sqrt(variance))), output);
      model.passes += 1;
      const moments = tf.moments(h, [0]);
      move(mean, moments.mean);
      move(variance, moments.variance);
      return tf.matMul(tf.relu(tf.div(tf.sub(h, moments.mean), tf.sqrt(moments.variance))), output);
    },
  };
  return model as unknown as Model & { passes: number };
}

const valuesOf = (tensors: readonly tf.Tensor[]): number[][] => tensors.map((each) => [...each.dataSync()]);
const evaluatedOf = ({ evaluated = [] }: Checkpoint): tf.Tensor[] => evaluated.map(({ tensor }) => tensor);
const averagesOf = ({ setup }: SharpnessAwareOptimizer): number[][] => valuesOf(setup.base?.slot('average') ?? []);

/** A run whose checkpoints are kept. */
async function run(options: Partial<TrainOptions> & { evaluates?: boolean } = {}) {
  const { evaluates, ...rest } = options;
  const [model, optimizer, checkpoints] = [normalizedModel(), optimizerOf(evaluates), memoryStore()];
  const result = await trainTiny({ model, optimizer, checkpoints, ...rest });
  const taken = checkpoints.files.map((file): Checkpoint => decodeCheckpoint(file, 'memory'));
  for (const each of taken) {
    for (const { tensor } of [...each.model, ...each.optimizer, ...each.best, ...(each.evaluated ?? [])]) own(tensor);
  }
  return { ...result, model, optimizer, taken };
}

/** The loss on the test part of the tiny network at given variables. */
async function testLossAt(variables: readonly tf.Tensor[]): Promise<number> {
  const model = normalizedModel();
  model.variables.forEach((variable, i) => variable.assign(variables[i] as tf.Tensor));
  return (await evaluate(model, tinyDataSet().test)).loss;
}

describe('a run whose optimizer evaluates by other weights', () => {
  it('trains as without them, to the bit, on graphs and eagerly', async () => {
    for (const eager of [true, false]) {
      const [one, other] = [await run({ eager }), await run({ eager, evaluates: false })];
      const last = ({ taken }: typeof one): number[][] =>
        valuesOf((taken.at(-1) as Checkpoint).model.map((e) => e.tensor));
      expect(last(one)).toEqual(last(other));
      expect(one.history.map(({ loss }) => loss)).toEqual(other.history.map(({ loss }) => loss));
      expect(one.history.map(({ test }) => test)).not.toEqual(other.history.map(({ test }) => test));
    }
  });

  it('judges these, with statistics of their own, and ends with them', async () => {
    const { history, model, optimizer, taken } = await run({ eager: true });
    const { model: training } = taken.at(-1) as Checkpoint;
    const evaluated = evaluatedOf(taken.at(-1) as Checkpoint);
    expect(valuesOf(evaluated).slice(0, 2)).toEqual(averagesOf(optimizer));
    for (const [i, each] of taken.entries()) expect(await testLossAt(evaluatedOf(each))).toBe(history[i]?.test?.loss);
    // All of the training part in one pass has the statistics that its batches have together.
    const whole = normalizedModel();
    whole.variables.forEach((variable, i) => variable.assign(evaluated[i] as tf.Tensor));
    for await (const { x } of tinyDataSet().train.batches({ batchSize: 1000 })) {
      const moments = tf.tidy(() => tf.moments(tf.matMul(x as tf.Tensor2D, whole.variables[0] as tf.Tensor2D), [0]));
      valuesOf([moments.mean, moments.variance]).forEach((values, i) =>
        values.forEach((value, j) => expect(model.variables[2 + i]?.dataSync()[j]).toBeCloseTo(value, 5)),
      );
    }
    expect(valuesOf(model.variables)).toEqual(valuesOf(evaluated));
    optimizer.useTrainingWeights();
    expect(valuesOf(model.variables)).toEqual(valuesOf(training.map(({ tensor }) => tensor)));
  });

  it('estimates statistics on so many batches an evaluation, and once for all that is done after a step', async () => {
    const passesOf = async (options: Partial<TrainOptions>): Promise<number> =>
      (await run({ eager: true, dryRun: false, ...options })).model.passes;
    const none = (await run({ eager: true, dryRun: false, evaluates: false })).model.passes;
    expect(none).toBe(3 * 5 * 2);
    expect((await passesOf({ evaluate: { statisticsBatches: 2 } })) - none).toBe(3 * 2);
    expect((await passesOf({})) - none).toBe(3 * 5);
    expect((await passesOf({ evaluate: { statisticsBatches: 1, everySteps: 2 } })) - none).toBe(3 + 6);
  });

  it('keeps the best of them, and shows them to a probe', async () => {
    const seen: number[][][] = [];
    const model = normalizedModel();
    const measure = async () => (seen.push(valuesOf(model.variables)), { one: 1 });
    const { best, taken } = await run({
      ...{ model, eager: true, probe: { everySteps: 5, measure } },
      earlyStopping: { metric: 'validation.loss', patience: 10 },
    });
    const at = taken[(best?.epoch ?? 0) - 1] as Checkpoint;
    const evaluated = taken.map((each) => valuesOf(evaluatedOf(each)));
    expect(valuesOf(model.variables)).toEqual(valuesOf(evaluatedOf(at)));
    expect(valuesOf((taken.at(-1) as Checkpoint).best.map(({ tensor }) => tensor))).toEqual(
      evaluated[(best?.epoch ?? 0) - 1],
    );
    expect(seen).toEqual(evaluated);
  });

  it.each([true, false])('resumes to the same, to the bit (eager %s)', async (eager) => {
    const whole = await run({ eager });
    const first = await run({ eager });
    const resume = first.taken[0] as Checkpoint;
    const resumed = await run({ eager, resume });
    expect(resumed.weights).toEqual(whole.weights);
    expect(timeless({ ...resumed, model: 0, optimizer: 0, taken: 0 })).toEqual(
      timeless({ ...whole, model: 0, optimizer: 0, taken: 0 }),
    );
    // Of the end too, where no step is left to take.
    const ended = await run({ eager, resume: first.taken.at(-1) as Checkpoint });
    expect(ended.weights).toEqual(whole.weights);
  });

  it('that is stopped leaves the weights that train', async () => {
    const stop = new AbortController();
    const onStep = ({ step }: { step: number }): void => (step === 7 ? stop.abort() : undefined);
    const { model, taken, stopped } = await run({ eager: true, signal: stop.signal, callbacks: [{ onStep }] });
    const { model: training, evaluated } = taken.at(-1) as Checkpoint;
    expect(stopped).toBe(true);
    expect(valuesOf(model.variables)).toEqual(valuesOf(training.map(({ tensor }) => tensor)));
    expect(evaluated).toHaveLength(4);
  });

  it('holds no tensor more than before', async () => {
    const [model, optimizer] = [normalizedModel(), optimizerOf()];
    await trainTiny({ model, optimizer, eager: true });
    optimizer.useTrainingWeights();
    const before = tf.memory().numTensors;
    await trainTiny({ model, optimizer, eager: true });
    optimizer.useTrainingWeights();
    expect(tf.memory().numTensors).toBe(before);
  });
});
