import { type Batch, type DataPart, FlatminError, RandomStream, taskOf } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { announce, type Callbacks, type EpochRecord, type PartName, type StepEvent } from './callbacks.js';
import { evaluate } from './evaluate.js';
import { learningRateSchedule, type LearningRateSchedule } from './learningRate.js';
import { LossMonitor } from './lossMonitor.js';
import type { TrainOptions, TrainResult } from './options.js';
import { SafePoint } from './safePoint.js';
import { Steps } from './steps.js';
import type { Metrics } from './tasks/methods.js';

/** Milliseconds of work after which the event loop gets a turn: timers, signals and a browser's page wait no longer. */
const turnEvery = 50;

/** One run of `train`: what changes while it goes. */
export class TrainingRun {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly callbacks: readonly Callbacks[];
  /** Epochs done. */
  epoch: number;
  /** True once the signal has ended the run. */
  stopped = false;

  readonly #options: TrainOptions;
  readonly #steps: Steps;
  readonly #schedule: LearningRateSchedule;
  readonly #shuffle: RandomStream;
  readonly #losses = new LossMonitor();
  readonly #safePoint: SafePoint;
  readonly #history: EpochRecord[] = [];
  readonly #started = performance.now();
  #turnTaken = this.#started;
  #step: number;
  #firstStep: number;
  #gradientEvaluations = 0;
  #radius: number | null = null;
  /** The losses of this epoch that have been read. */
  #epochLosses: number[] = [];
  #lastFinite: { readonly step: number; readonly loss: number } | undefined;

  constructor(options: TrainOptions) {
    this.#options = options;
    this.#safePoint = new SafePoint(options);
    this.callbacks = options.callbacks ?? [];
    this.stepsPerEpoch = Math.ceil(options.dataset.train.size / options.batchSize);
    this.totalSteps = options.epochs * this.stepsPerEpoch;
    this.epoch = options.resume?.epoch ?? 0;
    this.#step = this.#firstStep = options.resume?.steps ?? 0;
    this.#steps = new Steps(options);
    this.#shuffle = new RandomStream(options.seed ?? 0).at('shuffle');
    const defaultRate = options.optimizer.learningRate;
    const spec = options.learningRate ?? defaultRate;
    const { totalSteps, stepsPerEpoch } = this;
    this.#schedule =
      typeof spec === 'function' ? spec : learningRateSchedule(spec, { totalSteps, stepsPerEpoch, defaultRate });
  }

  async trainEpoch(): Promise<void> {
    const { dataset, batchSize, signal, logEvery = 50 } = this.#options;
    this.#epochLosses = [];
    const shuffle = this.#shuffle.at(this.epoch);
    const part: DataPart<tf.Tensor> = dataset.train;
    for await (const batch of part.batches({ batchSize, shuffle })) {
      this.stopped = signal?.aborted === true;
      if (this.stopped) {
        tf.dispose([batch.x, batch.y]);
        break;
      }
      const event = await this.#takeStep(batch);
      await announce(this.callbacks, 'onStep', event);
      if (this.#step % logEvery === 0) await this.#log(event);
      await this.#giveTurn();
    }
    if (this.stopped) return;
    await this.#finishEpoch();
  }

  async #takeStep({ x, y }: Batch<tf.Tensor>): Promise<StepEvent> {
    const { optimizer } = this.#options;
    const learningRate = this.#schedule(this.#step);
    optimizer.learningRate = learningRate;
    const loss = await this.#steps.take(x, y);
    tf.dispose([x, y]);
    if (loss !== null) this.#losses.add(loss);
    this.#step += 1;
    this.#gradientEvaluations += optimizer.lastStep.gradientEvaluations ?? 1;
    return { step: this.#step, totalSteps: this.totalSteps, epoch: this.epoch + 1, learningRate };
  }

  /** Reads the losses since the last time, and refuses to go on when one is not finite. */
  async #log(event: StepEvent): Promise<void> {
    const { values, firstBad } = await this.#losses.read();
    if (values.length === 0) return;
    const firstStep = this.#step - values.length + 1;
    const good = firstBad < 0 ? values.length : firstBad;
    if (good > 0) this.#lastFinite = { step: firstStep + good - 1, loss: values[good - 1] as number };
    if (firstBad >= 0) await this.#fail(`the loss of step ${firstStep + firstBad} is ${values[firstBad]}`);
    this.#epochLosses.push(...values);
    const lastStep = await this.#options.optimizer.readLastStep();
    const radius = lastStep['radiusAfter'] ?? lastStep['radius'];
    this.#radius = typeof radius === 'number' ? radius : null;
    const secondsElapsed = this.#seconds();
    const secondsPerStep = secondsElapsed / (this.#step - this.#firstStep);
    await announce(this.callbacks, 'onLog', {
      ...event,
      loss: mean(values),
      radius: this.#radius,
      lastStep,
      gradientEvaluations: this.#gradientEvaluations,
      secondsElapsed,
      secondsLeft: secondsPerStep * (this.totalSteps - this.#step),
    });
  }

  async #finishEpoch(): Promise<void> {
    const learningRate = this.#options.optimizer.learningRate;
    await this.#log({ step: this.#step, totalSteps: this.totalSteps, epoch: this.epoch + 1, learningRate });
    this.epoch += 1;
    const metrics = await this.#evaluate();
    const record: EpochRecord = {
      epoch: this.epoch,
      step: this.#step,
      learningRate,
      loss: mean(this.#epochLosses),
      radius: this.#radius,
      gradientEvaluations: this.#gradientEvaluations,
      ...metrics,
    };
    await this.keepCheckpoint();
    this.#history.push(record);
    await announce(this.callbacks, 'onEpoch', record);
  }

  async #evaluate(): Promise<Partial<Record<PartName, Metrics>>> {
    const { dataset, model, epochs, evaluate: asked = {} } = this.#options;
    const metrics: Partial<Record<PartName, Metrics>> = {};
    const scores = 'scores' in dataset ? dataset.scores : undefined;
    const settings = { batchSize: asked.batchSize ?? 500, task: taskOf(dataset), scores };
    if (this.epoch % (asked.every ?? 1) !== 0 && this.epoch < epochs) return metrics;
    for (const part of asked.parts ?? (['train', 'validation', 'test'] as const)) {
      if (dataset[part].size === 0) continue;
      const found = await evaluate(model, dataset[part], settings);
      metrics[part] = found;
      await announce(this.callbacks, 'onEvaluation', { epoch: this.epoch, step: this.#step, part, ...found });
      await this.#giveTurn();
    }
    return metrics;
  }

  /** Keeps the present state as the one to fall back to, and saves it when the caller asked for that. */
  async keepCheckpoint(): Promise<void> {
    const position = { epoch: this.epoch, steps: this.#step, seed: this.#options.seed ?? 0 };
    if (await this.#safePoint.keep(position, this.#step > this.#firstStep)) return;
    await this.#fail(`the weights after step ${this.#step} are not finite`);
  }

  async #fail(what: string): Promise<never> {
    const last = this.#lastFinite;
    const before =
      last === undefined
        ? 'No loss before it was finite'
        : `The last finite loss was ${last.loss}, at step ${last.step}`;
    const rate = this.#options.optimizer.learningRate;
    const kept = await this.#safePoint.restore();
    throw new FlatminError(
      'NON_FINITE',
      `training stopped: ${what}. ${before}. Lower the learning rate (${rate} now) or rho, or clip the gradient ` +
        `(clipNorm). ${kept}`,
    );
  }

  async #giveTurn(): Promise<void> {
    if (performance.now() - this.#turnTaken < turnEvery) return;
    await new Promise<void>((resume) => setTimeout(resume, 0));
    this.#turnTaken = performance.now();
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  result(): TrainResult {
    const { stopped } = this;
    return {
      history: this.#history,
      steps: this.#step,
      gradientEvaluations: this.#gradientEvaluations,
      seconds: this.#seconds(),
      stopped,
    };
  }

  dispose(): void {
    this.#losses.dispose();
    this.#steps.dispose();
    this.#safePoint.dispose();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
