import type { Problem } from '@flatmin/core';
import { validated } from '@flatmin/core/internal';
import * as z from 'zod';
import { earlyStoppingSchema, type EarlyStoppingOptions } from './earlyStopping.js';
import { type EvaluateOptions, evaluateSchema } from './evaluation.js';
import { type MixOptions, mixSchema } from './mix.js';
import { plateauSchema, type PlateauOptions } from './plateau.js';
import { type LearningRateSchedule, learningRateSchema, type LearningRateSpec } from './learningRate.js';

/**
 * How a run goes: what of the options of `train` can be written as JSON, but for a learning rate that is a function.
 */
export interface TrainSettings {
  /** Times that a run goes over the training part. */
  readonly epochs: number;
  /** Examples of a step; the last batch of an epoch may be smaller. */
  readonly batchSize: number;
  /** A number, a schedule, or a function of the step. Default: the optimizer's own learning rate, unchanged. */
  readonly learningRate?: LearningRateSpec | LearningRateSchedule | undefined;
  /**
   * The share of each target that goes to all classes alike, from 0 to below 1; default 0. Evaluation is without it.
   */
  readonly labelSmoothing?: number | undefined;
  /**
   * Mixes the examples of each training batch with each other, inputs and targets alike: mixup, CutMix, or now the one
   * and now the other. The seed and the number of the step decide the mix, which all passes of a step share.
   * Evaluation, and the held-out batches of LETS, are without it.
   */
  readonly mix?: MixOptions | undefined;
  /** Decides the order of the examples; default 0. */
  readonly seed?: number | undefined;
  /** Steps between two readings of the losses, which also check that they are finite; default 50. */
  readonly logEvery?: number | undefined;
  readonly evaluate?: EvaluateOptions | undefined;
  /** Ends the run when evaluations no longer get better, and gives the model its best weights back. */
  readonly earlyStopping?: EarlyStoppingOptions | undefined;
  /** Lowers the learning rate, whatever its schedule, when evaluations at the ends of epochs no longer get better. */
  readonly reduceOnPlateau?: PlateauOptions | undefined;
  /** Steps between two checkpoints within an epoch; default: only at the ends of epochs. */
  readonly checkpointEvery?: number | undefined;
  /**
   * On the native backend steps run as graphs (@flatmin/graph), up to three times as fast; true runs them eagerly there
   * too. Graphs are checked against the code of model, loss and regularizer at each epoch and logging interval, and
   * after callbacks: what has changed by then is followed, and one line says so.
   */
  readonly eager?: boolean | undefined;
  /** Tries a batch before the first step, and undoes it, so that what does not fit shows at once; default true. */
  readonly dryRun?: boolean | undefined;
}

const count = z.int().min(1);

/**
 * {@link TrainSettings} as a schema, with their ranges and defaults: the one of `train`, of the config of
 * `flatmin train`, and of whatever checks one before it runs.
 */
export const trainSettingsSchema = z.strictObject({
  epochs: count.describe('number of passes over the train part'),
  batchSize: count.describe('examples in a step'),
  learningRate: learningRateSchema.optional().describe('default: the optimizer’s own, unchanged'),
  labelSmoothing: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('share of each target that is spread evenly over all classes'),
  mix: mixSchema
    .optional()
    .describe('mixes the examples of each training batch: mixup, cutmix, or one of both at random; default: none'),
  seed: z.int().min(0).default(0).describe('seed of the order of the examples; default 0'),
  logEvery: count.default(50).describe('steps between two lines of metrics; default 50'),
  evaluate: evaluateSchema.optional().describe('what is evaluated, and when'),
  earlyStopping: earlyStoppingSchema
    .optional()
    .describe('ends a run that no longer improves; default: it runs all epochs'),
  reduceOnPlateau: plateauSchema
    .optional()
    .describe('lowers the learning rate when a run no longer improves; default: it follows its schedule alone'),
  checkpointEvery: count
    .optional()
    .describe('steps between two checkpoints within an epoch; default: at the end of epochs'),
  eager: z.boolean().default(false).describe('true runs every step eagerly on the native backend, not as a graph'),
  dryRun: z.boolean().default(true).describe('tries a batch before the first step, and undoes it; default true'),
} satisfies {
  readonly [K in keyof TrainSettings]-?: z.ZodType<unknown, Exclude<TrainSettings[K], LearningRateSchedule>>;
});

/** The settings that have a value where none is given. */
export type DefaultSettings = Pick<
  z.output<typeof trainSettingsSchema>,
  'labelSmoothing' | 'seed' | 'logEvery' | 'eager' | 'dryRun'
>;

function checked(options: TrainSettings) {
  const names = Object.keys(trainSettingsSchema.shape) as (keyof TrainSettings)[];
  // A function of the step has no schema.
  const given = names.filter((name) => typeof options[name] !== 'function').map((name) => [name, options[name]]);
  return validated(trainSettingsSchema, Object.fromEntries(given), { name: 'train()' });
}

/** What is wrong with the settings by themselves. */
export function problemsOfSettings(options: TrainSettings): readonly Problem[] {
  return checked(options).problems;
}

/** Right settings with what was not given. */
export function withDefaults<T extends TrainSettings>(options: T): T & DefaultSettings {
  const { labelSmoothing, seed, logEvery, eager, dryRun } = checked(options).output as DefaultSettings;
  return { ...options, labelSmoothing, seed, logEvery, eager, dryRun };
}
