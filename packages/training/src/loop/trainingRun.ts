import { FlatminError, RandomStream } from '@flatmin/core';
import type { Batch, DataPart } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type * as z from 'zod';
import { type Checkpoint, restoreCheckpoint } from '../checkpoint/checkpoint.js';
import type { EpochRecord, RunIdentity, RunState } from '../checkpoint/runState.js';
import { signOf } from '../settings/earlyStopping.js';
import { plateauSchema, reducedRate, reductionsIn } from '../settings/plateau.js';
import { learningRateSchedule, type LearningRateSchedule } from '../settings/learningRate.js';
import {
  announce,
  type Callbacks,
  type EventName,
  type EventOf,
  type PhaseEvent,
  type StepEvent,
} from './callbacks.js';
import { dryRun } from './dryRun.js';
import { EarlyStopping, valueOf } from './earlyStopping.js';
import { EvaluationPoint } from './evaluationPoint.js';
import { identityOf, requireSameRun } from './identity.js';
import { Judge, type Judged } from './judge.js';
import { Losses } from './losses.js';
import type { RunOptions, TrainResult } from './options.js';
import { Pace } from './pace.js';
import { SafePoint } from './safePoint.js';
import { Steps } from './steps.js';

/** One run of `train`: what changes while it goes. */
export class TrainingRun {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly #callbacks: readonly Callbacks[];

  readonly #options: RunOptions;
  readonly #identity: RunIdentity;
  readonly #steps: Steps;
  readonly #schedule: LearningRateSchedule;
  readonly #plateau: z.output<typeof plateauSchema> | undefined;
  /** Of the learning rate so far: what the history says, counted when it grows. */
  #reductions: number;
  readonly #shuffle: RandomStream;
  readonly #losses: Losses;
  readonly #safePoint: SafePoint;
  readonly #earlyStopping: EarlyStopping;
  readonly #history: EpochRecord[];
  readonly #pace: Pace;
  readonly #judge: Judge;
  readonly #evaluationPoint: EvaluationPoint;
  /** Epochs done, and batches of the next one. */
  #epoch: number;
  #batch: number;
  #step: number;
  #gradientEvaluations: number;
  #radius: number | null;
  /** True once the signal has ended the run. */
  #stopped = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#identity = identityOf(options);
    const run: Partial<RunState> = options.resume?.run ?? {};
    this.#epoch = run.epoch ?? 0;
    this.#batch = run.batch ?? 0;
    this.#step = run.steps ?? 0;
    this.#gradientEvaluations = run.gradientEvaluations ?? 0;
    this.#radius = run.radius ?? null;
    this.#history = [...(run.history ?? [])];
    this.#pace = new Pace(run.seconds ?? 0, options.clock);
    this.#judge = new Judge(options, (event) => this.#tell(event));
    this.#evaluationPoint = new EvaluationPoint(options);
    this.#losses = new Losses(run.losses);
    this.#safePoint = new SafePoint(options);
    this.#earlyStopping = new EarlyStopping(options.model, options.earlyStopping);
    const { reduceOnPlateau } = options;
    this.#plateau = reduceOnPlateau && plateauSchema.parse(reduceOnPlateau);
    this.#reductions = this.#countReductions();
    this.#callbacks = options.callbacks ?? [];
    this.stepsPerEpoch = Math.ceil(options.dataset.train.size / options.batchSize);
    this.totalSteps = options.epochs * this.stepsPerEpoch;
    this.#steps = new Steps(options);
    this.#shuffle = new RandomStream(options.seed).at('shuffle');
    const defaultRate = options.optimizer.learningRate;
    const { learningRate: spec = () => defaultRate } = options;
    const { totalSteps, stepsPerEpoch } = this;
    this.#schedule =
      typeof spec === 'function' ? spec : learningRateSchedule(spec, { totalSteps, stepsPerEpoch, defaultRate });
  }

  get isOver(): boolean {
    return this.#epoch >= this.#options.epochs || this.#stopped || this.#earlyStopping.isOver;
  }

  /** Calls an event of every callback; where that may have changed what steps compute with, graphs are checked. */
  async announce<K extends EventName>(name: K, ...event: EventOf<K>): Promise<void> {
    if (await announce(this.#callbacks, name, ...event)) this.#steps.recheck();
  }

  /** Before the first step: goes where the checkpoint to resume was taken, or tries a batch. */
  async prepare(): Promise<void> {
    const { resume, dryRun: isDryRun } = this.#options;
    if (resume !== undefined) await this.#resume(resume);
    else if (isDryRun) {
      await this.#tell({ phase: 'trying' });
      await this.rehearse();
    }
    await this.#keepSafe();
  }

  /** Tries a batch, and undoes it. */
  rehearse(): Promise<void> {
    return dryRun(this.#options, this.#steps, this.#judge.parts);
  }

  async #resume(checkpoint: Checkpoint): Promise<void> {
    const { run, best, evaluated = [] } = checkpoint;
    requireSameRun(run.identity, this.#identity);
    const { model, optimizer, positions = {} } = this.#options;
    await restoreCheckpoint(checkpoint, model, optimizer);
    this.#earlyStopping.resume(run.best, best);
    this.#evaluationPoint.resume(run.steps, evaluated);
    for (const [name, of] of Object.entries(positions)) of.position = run.positions[name] ?? 0;
  }

  async trainEpoch(): Promise<void> {
    const { dataset, batchSize, signal } = this.#options;
    if (this.#batch === 0) this.#losses.startEpoch();
    this.#steps.recheck();
    const shuffle = this.#shuffle.at(this.#epoch);
    const part: DataPart<tf.Tensor> = dataset.train;
    let taken = 0;
    await this.#tell({ phase: 'reading' });
    for await (const batch of part.batches({ batchSize, shuffle })) {
      this.#stopped = signal?.aborted === true;
      if (this.#stopped || taken++ < this.#batch) tf.dispose([batch.x, batch.y]);
      else await this.#useBatch(batch);
      if (this.isOver) break;
      await this.#pace.giveTurn();
    }
    if (!this.isOver) await this.#finishEpoch();
  }

  async #useBatch(batch: Batch<tf.Tensor>): Promise<void> {
    const { logEvery, checkpointEvery } = this.#options;
    const event = await this.#takeStep(batch);
    await this.announce('onStep', event);
    if (this.#step % logEvery === 0) await this.#log(event);
    await this.#probe(event);
    // The end of an epoch evaluates and saves by itself.
    if (this.#batch === this.stepsPerEpoch) return;
    if (this.#judge.stopsAt(this.#step)) {
      await this.#readLosses();
      await this.#evaluate(this.#epoch + 1, false);
    }
    if (checkpointEvery !== undefined && this.#step % checkpointEvery === 0) await this.#checkpoint();
  }

  async #probe({ epoch, step }: StepEvent): Promise<void> {
    const { probe } = this.#options;
    if (probe === undefined || step % probe.everySteps !== 0) return;
    await this.#tell({ phase: 'probing' });
    await this.announce('onProbe', {
      epoch,
      step,
      values: await this.#evaluationPoint.at(step, () => probe.measure()),
    });
    this.#pace.spent('probe');
  }

  async #takeStep(batch: Batch<tf.Tensor>): Promise<StepEvent> {
    const { x, y } = this.#steps.batchOf(batch, this.#step);
    const { optimizer } = this.#options;
    const rate = this.#schedule(this.#step);
    const learningRate = this.#plateau === undefined ? rate : reducedRate(rate, this.#reductions, this.#plateau);
    optimizer.learningRate = learningRate;
    const at = { totalSteps: this.totalSteps, epoch: this.#epoch + 1, learningRate };
    await this.announce('onBatch', { ...at, step: this.#step + 1, x, y });
    const isFirst = this.#steps.isFirst(x);
    if (isFirst) await this.#tell({ phase: this.#steps.records ? 'recording' : 'training' });
    const loss = await this.#steps.take(x, y).finally(() => tf.dispose([x, y]));
    if (loss !== null) this.#losses.add(loss);
    this.#step += 1;
    this.#batch += 1;
    this.#gradientEvaluations += optimizer.lastStep.gradientEvaluations ?? 1;
    this.#pace.spent(isFirst ? 'first step' : 'step');
    return { ...at, step: this.#step, secondsLeft: this.#secondsLeft() };
  }

  /** How often the run has stopped getting better. */
  #countReductions(): number {
    if (this.#plateau === undefined) return 0;
    const { metric } = this.#plateau;
    const values = this.#history.flatMap(({ train, validation }) => {
      const found = { ...(train && { train }), ...(validation && { validation }) };
      return (metric.split('.')[0] as string) in found ? [valueOf(found, metric, 'reduceOnPlateau')] : [];
    });
    return reductionsIn(values, signOf(this.#plateau), this.#plateau);
  }

  #secondsLeft(): number {
    const epochs = Math.max(0, this.#options.epochs - this.#epoch - 1);
    const { everySteps = Infinity } = this.#options.probe ?? {};
    const probes = Math.floor(this.totalSteps / everySteps) - Math.floor(this.#step / everySteps);
    return this.#pace.secondsLeft({ steps: this.totalSteps - this.#step, probes, epochs });
  }

  /** Says what begins, or goes on, and lets the event loop turn: what follows may block it for long. */
  async #tell(event: Omit<PhaseEvent, 'step' | 'totalSteps'>): Promise<void> {
    await this.announce('onPhase', { ...event, step: this.#step, totalSteps: this.totalSteps });
    await this.#pace.giveTurn();
  }

  /** Reads the losses since the last time, and refuses to go on when one is not finite. */
  async #readLosses(): Promise<void> {
    const bad = await this.#losses.read(this.#step);
    if (bad !== undefined) await this.#fail(`the loss of step ${bad.step} is ${bad.loss}`);
  }

  async #log(event: StepEvent): Promise<void> {
    this.#steps.recheck();
    await this.#readLosses();
    const loss = this.#losses.takeUnlogged();
    if (loss === undefined) return;
    const lastStep = await this.#options.optimizer.readLastStep();
    const radius = lastStep.radiusAfter ?? lastStep.radius;
    this.#radius = typeof radius === 'number' ? radius : null;
    await this.announce('onLog', {
      ...event,
      loss,
      radius: this.#radius,
      lastStep,
      gradientEvaluations: this.#gradientEvaluations,
      secondsElapsed: this.#pace.seconds,
    });
  }

  async #finishEpoch(): Promise<void> {
    const learningRate = this.#options.optimizer.learningRate;
    const at = { step: this.#step, totalSteps: this.totalSteps, epoch: this.#epoch + 1 };
    await this.#log({ ...at, learningRate, secondsLeft: this.#secondsLeft() });
    this.#epoch += 1;
    this.#batch = 0;
    const metrics = this.#judge.endsWith(this.#epoch) ? await this.#evaluate(this.#epoch, true) : {};
    const record: EpochRecord = {
      epoch: this.#epoch,
      step: this.#step,
      learningRate,
      loss: this.#losses.epochMean,
      radius: this.#radius,
      gradientEvaluations: this.#gradientEvaluations,
      ...metrics,
    };
    this.#history.push(record);
    this.#reductions = this.#countReductions();
    await this.#keepSafe();
    await this.announce('onEpoch', record);
    await this.#save();
    this.#pace.spent('end of epoch');
  }

  async #evaluate(epoch: number, ends: boolean): Promise<Judged> {
    const moment = { epoch, step: this.#step };
    return this.#evaluationPoint.at(this.#step, async () => {
      const judged = await this.#judge.judge(moment, ends);
      this.#steps.recheck(); // Its callbacks may be anybody's.
      this.#earlyStopping.judge(judged, moment);
      return judged;
    });
  }

  async #checkpoint(): Promise<void> {
    await this.#readLosses();
    await this.#keepSafe();
    await this.#save();
  }

  /** Keeps the present state as the one to fall back to. */
  async #keepSafe(): Promise<void> {
    const evaluated = await this.#evaluationPoint.model(this.#step);
    if (await this.#safePoint.keep(this.#state(), { best: this.#earlyStopping.weights, evaluated })) return;
    await this.#fail(`the weights after step ${this.#step} are not finite`);
  }

  /** Saves what was kept, when the caller asked for that. */
  async #save(): Promise<void> {
    if (this.#options.checkpoints === undefined) return;
    await this.#tell({ phase: 'writing' });
    await this.announce('onCheckpoint', { epoch: this.#epoch, step: this.#step });
    await this.#safePoint.save();
  }

  #state(): RunState {
    const { best } = this.#earlyStopping;
    const positions = Object.entries(this.#options.positions ?? {}).map(([name, of]) => [name, of.position] as const);
    return {
      identity: this.#identity,
      epoch: this.#epoch,
      batch: this.#batch,
      steps: this.#step,
      gradientEvaluations: this.#gradientEvaluations,
      radius: this.#radius,
      losses: this.#losses.state,
      history: [...this.#history],
      ...(best && { best }),
      positions: Object.fromEntries(positions),
      seconds: this.#pace.seconds,
    };
  }

  async #fail(what: string): Promise<never> {
    const last = this.#losses.state.lastFinite;
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

  /** Ends the run: a checkpoint where it was stopped on its way, else the best weights where they were asked for. */
  async finish(): Promise<TrainResult> {
    if (this.#stopped || this.#batch > 0) await this.#checkpoint();
    if (!this.#stopped) await this.#leaveModel();
    const { best } = this.#earlyStopping;
    return {
      history: this.#history,
      steps: this.#step,
      gradientEvaluations: this.#gradientEvaluations,
      seconds: this.#pace.seconds,
      stopped: this.#stopped,
      stoppedEarly: this.#earlyStopping.isOver,
      ...(best && { best }),
    };
  }

  /** Ends at what is to be used: the best weights, where these are kept, else those to evaluate with. */
  async #leaveModel(): Promise<void> {
    if (this.#earlyStopping.weights.length > 0) this.#earlyStopping.finish();
    else await this.#evaluationPoint.stay(this.#step);
  }

  dispose(): void {
    this.#evaluationPoint.dispose();
    this.#losses.dispose();
    this.#steps.dispose();
    this.#safePoint.dispose();
    this.#earlyStopping.dispose();
  }
}
