import type { Problem } from '@flatmin/core';
import { validated } from '@flatmin/core/internal';
import { type DataSet, taskOf } from '@flatmin/core/plugin';
import * as z from 'zod';
import { earlyStoppingSchema } from '../loop/earlyStopping.js';
import { learningRateSchema } from './learningRate.js';
import type { TrainOptions } from '../loop/options.js';
import type { AnyModel } from '../tasks/methods.js';

const count = z.int().min(1);
const parts = z.array(z.enum(['train', 'validation', 'test']));

const evaluateSchema = z.strictObject({
  parts: parts.optional().describe('what is judged; default: all three'),
  every: count.optional().describe('epochs between two evaluations; default 1, and the last epoch always'),
  everySteps: count.optional().describe('steps between two evaluations within an epoch; default: none'),
  batchSize: count.optional().describe('examples a forward pass; default 500'),
  generate: parts
    .optional()
    .describe(
      'parts whose targets a sequence-to-sequence model generates too at the end of an epoch: BLEU, exact match',
    ),
});

/**
 * The options of `train` that can be written as JSON: one schema for `train`, for the config of `flatmin train`, and for whatever checks one
 * before it runs.
 */
export const trainSettingsSchema = z.strictObject({
  epochs: count.describe('times that a run goes over the training part'),
  batchSize: count.describe('examples of a step'),
  learningRate: learningRateSchema.optional().describe('default: the optimizer’s own, unchanged'),
  labelSmoothing: z.number().min(0).lt(1).optional().describe('share of each target that all classes get alike'),
  seed: z.int().min(0).optional().describe('of the order of the examples; default 0'),
  logEvery: count.optional().describe('steps between two lines of metrics; default 50'),
  evaluate: evaluateSchema.optional().describe('what is judged, and when'),
  earlyStopping: earlyStoppingSchema
    .optional()
    .describe('ends a run that no longer gets better; default: it does all epochs'),
  checkpointEvery: count
    .optional()
    .describe('steps between two checkpoints within an epoch; default: at the end of epochs'),
  eager: z.boolean().optional().describe('true runs every step eagerly on the native backend, not as a graph'),
  dryRun: z.boolean().optional().describe('tries a batch before the first step, and undoes it; default true'),
});

/** What of {@link TrainOptions} can be written as JSON, but for a learning rate that is a function. */
export type TrainSettings = Pick<TrainOptions, keyof z.input<typeof trainSettingsSchema>>;

/** What is wrong with the settings by themselves. */
export function problemsOfSettings(options: TrainSettings): readonly Problem[] {
  const names = Object.keys(trainSettingsSchema.shape) as (keyof TrainSettings)[];
  // A function of the step has no schema.
  const given = names.filter((name) => typeof options[name] !== 'function').map((name) => [name, options[name]]);
  return validated(trainSettingsSchema, Object.fromEntries(given), { name: 'train()' }).problems;
}

/** What the settings of a run have to fit. */
export interface RunSubject {
  readonly dataset: DataSet;
  /** Absent where there is none yet: then what asks for it is left out. */
  readonly model?: AnyModel | undefined;
}

/** What is wrong with right settings for this data set and model, as paths in the settings. */
export function problemsOfRun(settings: TrainSettings, subject: RunSubject): readonly Problem[] {
  return [
    ...problemsOfSmoothing(settings, subject),
    ...problemsOfGenerate(settings, subject),
    ...problemsOfEarlyStopping(settings, subject),
    ...problemsOfWarmup(settings),
  ];
}

function problemsOfEarlyStopping({ earlyStopping, evaluate }: TrainSettings, { dataset }: RunSubject): Problem[] {
  if (earlyStopping === undefined) return [];
  const { metric } = earlyStoppingSchema.parse(earlyStopping);
  const part = metric.split('.')[0] as 'train' | 'validation';
  const { size } = dataset[part];
  const asked = evaluate?.parts;
  if (size > 0 && (asked === undefined || asked.includes(part))) return [];
  const message =
    size === 0
      ? `is of the ${part} part, in which ${dataset.id} has no examples`
      : `is of the ${part} part, which evaluate.parts leaves out`;
  const remedy =
    size === 0
      ? 'Hold some of the data out (validation: 0.1), or watch train.loss.'
      : 'Name it there, or watch another.';
  return [{ path: 'earlyStopping.metric', value: metric, message, remedy }];
}

function problemsOfSmoothing({ labelSmoothing = 0 }: TrainSettings, { dataset }: RunSubject): Problem[] {
  if (labelSmoothing === 0 || taskOf(dataset) !== 'regression') return [];
  const message = 'is given for regression, which has no classes';
  return [{ path: 'labelSmoothing', value: labelSmoothing, message, remedy: 'Leave it out.' }];
}

function problemsOfGenerate(
  { evaluate: { generate = [], parts } = {} }: TrainSettings,
  subject: RunSubject,
): Problem[] {
  if (generate.length === 0) return [];
  const { dataset, model } = subject;
  const problem = (message: string, remedy: string): Problem[] => [
    { path: 'evaluate.generate', value: generate, message, remedy },
  ];
  if (taskOf(dataset) !== 'sequence-to-sequence') return problem(`is given for ${taskOf(dataset)}`, 'Leave it out.');
  if (model !== undefined && model.generate === undefined)
    return problem('asks for what this model cannot do', 'Leave it out.');
  if (parts !== undefined && !generate.every((part) => parts.includes(part)))
    return problem('names a part that evaluate.parts does not', 'Name it there too.');
  return [];
}

/** A rise that is longer than the run never gets to the learning rate that was asked for. */
function problemsOfWarmup({ learningRate, epochs }: TrainSettings): Problem[] {
  if (typeof learningRate !== 'object' || !('warmupEpochs' in learningRate)) return [];
  const { warmupEpochs = 0 } = learningRate;
  if (warmupEpochs <= epochs) return [];
  const message = `is longer than the run, which has ${epochs === 1 ? '1 epoch' : `${epochs} epochs`}`;
  return [{ path: 'learningRate.warmupEpochs', value: warmupEpochs, message, remedy: 'Give fewer.' }];
}
