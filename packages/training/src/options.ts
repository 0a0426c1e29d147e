import { type Clock, type DataSet, type Problem, taskOf, throwProblems } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Callbacks, EpochRecord, PartName } from './callbacks.js';
import type { Checkpoint, CheckpointStore } from './checkpoint.js';
import { type BestState, earlyStoppingSchema, type EarlyStoppingOptions } from './earlyStopping.js';
import { learningRateSchema, type LearningRateSchedule, type LearningRateSpec } from './learningRate.js';
import type { LoopOptimizer } from './optimizer.js';
import type { RunIdentity } from './runState.js';
import type { AnyModel } from './tasks/methods.js';

export interface EvaluateOptions {
  /** Judged at the end of an epoch, and always of the last. Default: all three. */
  readonly parts?: readonly PartName[] | undefined;
  /** Every so many epochs; default 1. */
  readonly every?: number | undefined;
  /** Every so many steps too; default: only at the end of epochs. */
  readonly everySteps?: number | undefined;
  /** Examples a forward pass; default 500. */
  readonly batchSize?: number | undefined;
  /**
   * Sequence to sequence: parts whose targets the model also generates where the end of an epoch is judged: `scores.bleu` and
   * `scores.exactMatch`. It costs a search for each source; default: none.
   */
  readonly generate?: readonly PartName[] | undefined;
}

export interface TrainOptions {
  /** Its task decides the loss: cross-entropy of classes or of tokens, squared error in regression. */
  readonly dataset: DataSet;
  readonly model: AnyModel;
  /** Any optimizer of flatmin; it stays the caller's to dispose, as do the model and the data. */
  readonly optimizer: LoopOptimizer;
  readonly epochs: number;
  readonly batchSize: number;
  /** A number, a schedule, or a function of the step. Default: the optimizer's own learning rate, unchanged. */
  readonly learningRate?: LearningRateSpec | LearningRateSchedule;
  /** Decides the order of the examples; default 0. */
  readonly seed?: number;
  /**
   * On the native backend steps run as graphs (@flatmin/graph), up to three times as fast; true runs them eagerly there too. Whatever the
   * model and the regularizer compute has to be the same in each step then, but for the batch, variables and what is `supplied`.
   */
  readonly eager?: boolean | undefined;
  /** The share of each target that goes to all classes alike, from 0 to below 1; default 0. Evaluation is without it. */
  readonly labelSmoothing?: number | undefined;
  /** A scalar added to the loss of every batch (weight decay, ...). */
  readonly regularizer?: () => tf.Scalar;
  readonly evaluate?: EvaluateOptions | undefined;
  /** Steps between two readings of the losses, which also check that they are finite; default 50. */
  readonly logEvery?: number;
  readonly callbacks?: readonly Callbacks[];
  /** Where to leave a checkpoint at the end of each epoch. The last good one is kept in memory anyway, for a failure. */
  readonly checkpoints?: CheckpointStore | undefined;
  /** Steps between two checkpoints within an epoch; default: only at the ends of epochs. */
  readonly checkpointEvery?: number | undefined;
  /** Goes on where this one was taken; the other options must be those of the run that saved it. */
  readonly resume?: Checkpoint | undefined;
  /** What else the run is known by, beside its options: a checkpoint with another text under one of the names is refused. */
  readonly identity?: RunIdentity;
  /** What else moves with the steps and has to resume: its position is saved and set, as that of `validationBatches`. */
  readonly positions?: Readonly<Record<string, { position: number }>>;
  /** Ends the run when evaluations no longer get better, and gives the model its best weights back. */
  readonly earlyStopping?: EarlyStoppingOptions | undefined;
  /** Tries a batch before the first step, and undoes it, so that what does not fit shows at once; default true. */
  readonly dryRun?: boolean | undefined;
  /** Tells the time that the run takes, and what is left; default: that of the system. */
  readonly clock?: Clock | undefined;
  /** Stops the run before its next step. It then saves a checkpoint and returns what it has, with `stopped: true`. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** One record an epoch. Equal seed, backend and options give an equal history. */
  readonly history: readonly EpochRecord[];
  readonly steps: number;
  /** Of all steps together: the cost of the run that does not depend on the machine. */
  readonly gradientEvaluations: number;
  /** Also those before the run was resumed. */
  readonly seconds: number;
  /** True when `signal` ended the run early. */
  readonly stopped: boolean;
  /** True when `earlyStopping` did. */
  readonly stoppedEarly: boolean;
  /** The best evaluation under `earlyStopping`: its value, when it was, and the evaluations since then. */
  readonly best?: BestState;
}

/** Refuses wrong numbers before any work is done, all of them at once. */
export function checkOptions(options: TrainOptions): void {
  const problems: Problem[] = [];
  const whole = (path: string, value: number | undefined, least: number): void => {
    if (value === undefined || (Number.isInteger(value) && value >= least)) return;
    problems.push({
      path,
      value,
      message: 'is not a whole number in range',
      remedy: `Use a whole number, ${least} or more.`,
    });
  };
  whole('epochs', options.epochs, 1);
  whole('batchSize', options.batchSize, 1);
  whole('seed', options.seed, 0);
  whole('logEvery', options.logEvery, 1);
  whole('checkpointEvery', options.checkpointEvery, 1);
  whole('evaluate.every', options.evaluate?.every, 1);
  whole('evaluate.everySteps', options.evaluate?.everySteps, 1);
  whole('evaluate.batchSize', options.evaluate?.batchSize, 1);
  checkSmoothing(options, problems);
  checkGenerate(options, problems);
  if (options.learningRate !== undefined && typeof options.learningRate !== 'function') {
    for (const issue of learningRateSchema.safeParse(options.learningRate).error?.issues ?? []) {
      problems.push({
        path: ['learningRate', ...issue.path].join('.'),
        value: options.learningRate,
        message: issue.message,
        remedy: 'Use a number or { schedule: "constant" | "cosine" | "linear" | "step", ... }.',
      });
    }
  }
  problems.push(...problemsOfEarlyStopping(options));
  throwProblems(problems, 'train()');
}

function problemsOfEarlyStopping({ earlyStopping, evaluate, dataset }: TrainOptions): Problem[] {
  if (earlyStopping === undefined) return [];
  const parsed = earlyStoppingSchema.safeParse(earlyStopping);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => ({
      path: ['earlyStopping', ...path].join('.'),
      value: earlyStopping,
      message,
      remedy: 'Use { metric: "validation.loss", patience: 5, ... }.',
    }));
  }
  const part = parsed.data.metric.split('.')[0] as 'train' | 'validation';
  const isJudged = (evaluate?.parts ?? [part]).includes(part) && dataset[part].size > 0;
  if (isJudged) return [];
  return [
    {
      path: 'earlyStopping.metric',
      value: parsed.data.metric,
      message: `is of the ${part} part, which is empty or not among evaluate.parts`,
      remedy: 'Hold some of the data out, evaluate that part, or watch another.',
    },
  ];
}

function checkSmoothing({ dataset, labelSmoothing = 0 }: TrainOptions, problems: Problem[]): void {
  const problem = (message: string, remedy: string): void =>
    void problems.push({ path: 'labelSmoothing', value: labelSmoothing, message, remedy });
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    problem('is no share', 'Use a number of at least 0 and below 1, such as 0.1.');
  else if (labelSmoothing > 0 && taskOf(dataset) === 'regression')
    problem('is given for regression, which has no classes', 'Leave it out.');
}

function checkGenerate(
  { dataset, model, evaluate: { generate, parts } = {} }: TrainOptions,
  problems: Problem[],
): void {
  if (generate === undefined || generate.length === 0) return;
  const problem = (message: string, remedy: string): void =>
    void problems.push({ path: 'evaluate.generate', value: generate, message, remedy });
  if (taskOf(dataset) !== 'sequence-to-sequence') problem(`is given for ${taskOf(dataset)}`, 'Leave it out.');
  else if (model.generate === undefined) problem('asks for what this model cannot do', 'Leave it out.');
  else if (parts !== undefined && !generate.every((part) => parts.includes(part)))
    problem('names a part that evaluate.parts does not', 'Name it there too.');
}
