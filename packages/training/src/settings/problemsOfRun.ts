import type { Problem } from '@flatmin/core';
import { type DataSet, taskOf } from '@flatmin/core/plugin';
import type { AnyModel } from '../tasks/task.js';
import { watchedMetric } from './earlyStopping.js';
import type { TrainSettings } from './trainSettings.js';

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
    ...problemsOfMix(settings, subject),
    ...problemsOfGenerate(settings, subject),
    ...problemsOfWatched('earlyStopping', settings.earlyStopping, settings, subject),
    ...problemsOfWatched('reduceOnPlateau', settings.reduceOnPlateau, settings, subject),
    ...problemsOfWarmup(settings),
  ];
}

function problemsOfWatched(
  name: 'earlyStopping' | 'reduceOnPlateau',
  watching: { readonly metric?: string | undefined } | undefined,
  { evaluate }: TrainSettings,
  { dataset }: RunSubject,
): Problem[] {
  if (watching === undefined) return [];
  const metric = watchedMetric.parse(watching.metric);
  const part = metric.split('.')[0] as 'train' | 'validation';
  const { size } = dataset[part];
  const asked = evaluate?.parts;
  if (size > 0 && (asked === undefined || asked.includes(part))) return [];
  const message =
    size === 0
      ? `is for the ${part} part, in which ${dataset.id} has no examples`
      : `is for the ${part} part, which evaluate.parts leaves out`;
  const remedy =
    size === 0
      ? 'Hold out some of the data (validation: 0.1), or watch train.loss.'
      : 'Name it there, or watch another metric.';
  return [{ path: `${name}.metric`, value: metric, message, remedy }];
}

function problemsOfSmoothing({ labelSmoothing = 0 }: TrainSettings, { dataset }: RunSubject): Problem[] {
  if (labelSmoothing === 0 || taskOf(dataset) !== 'regression') return [];
  const message = 'is given for regression, which has no classes';
  return [{ path: 'labelSmoothing', value: labelSmoothing, message, remedy: 'Leave it out.' }];
}

/** What there is nothing between cannot be blended, and what is no image has no box. */
function problemsOfMix({ mix }: TrainSettings, { dataset }: RunSubject): Problem[] {
  if (mix === undefined) return [];
  const { mixup, cutmix, switchProb } = mix;
  const problem = (path: string, value: unknown, message: string, remedy: string): Problem[] => [
    { path, value, message, remedy },
  ];
  const task = taskOf(dataset);
  if (dataset.vocabulary !== undefined || task === 'language-modelling' || task === 'sequence-to-sequence')
    return problem('mix', mix, 'is given for ids of tokens, which have nothing between them', 'Leave it out.');
  if (mixup === undefined && cutmix === undefined)
    return problem('mix', mix, 'names neither mixup nor cutmix', 'Name one, such as mixup: { alpha: 0.2 }, or both.');
  if (switchProb !== undefined && (mixup === undefined || cutmix === undefined))
    return problem(
      'mix.switchProb',
      switchProb,
      'chooses between mixup and cutmix, and one of them is given',
      'Name both, or leave it out.',
    );
  if (cutmix === undefined) return [];
  if (task === 'regression')
    return problem('mix.cutmix', cutmix, 'is for classes, and this is a regression', 'Use mixup.');
  const { inputShape } = dataset;
  if (inputShape.length !== 3)
    return problem(
      'mix.cutmix',
      cutmix,
      `needs images, [height, width, channels], and the examples of ${dataset.id} have shape [${inputShape.join(', ')}]`,
      'Use mixup, or the option shape: "image" of the data set where it has one.',
    );
  return [];
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
    return problem('needs a model that generates, and this one does not', 'Leave it out.');
  if (parts !== undefined && !generate.every((part) => parts.includes(part)))
    return problem('names a part that evaluate.parts does not name', 'Name it there too.');
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
