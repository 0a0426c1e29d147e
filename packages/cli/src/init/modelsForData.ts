import type { Spec } from '@flatmin/core';
import { type DataSet, type Plugin, taskOf } from '@flatmin/core/plugin';
import { featureNamesOf } from '../data/preview.js';

/** A model for some data, and the base that such models are usually trained by, where it is not SGD with momentum. */
export interface ModelChoice {
  readonly spec: Spec;
  readonly base?: Spec;
}

const adamw: Spec = { use: 'adamw', learningRate: 0.001 };

/** The official models for a data set, the one to begin with first, in sizes that a laptop trains. */
function official(dataset: DataSet): readonly ModelChoice[] {
  const { inputShape, vocabulary } = dataset;
  if (taskOf(dataset) === 'sequence-to-sequence') return [transformer];
  if (vocabulary !== undefined) return [textEncoder(inputShape[0] ?? 0)];
  if (inputShape.length === 3) return [resnet(inputShape), ...vit(inputShape), mlp];
  const isSequence = featureNamesOf(dataset) === undefined && inputShape.length < 3;
  return isSequence ? [mlp, { spec: { use: 'mlp1d-cnn' } }] : [mlp];
}

const mlp: ModelChoice = { spec: { use: 'mlp', hidden: [100, 100] } };

const transformer: ModelChoice = {
  spec: { use: 'transformer', width: 128, hidden: 256, encoderLayers: 2, decoderLayers: 2 },
  base: adamw,
};

/** One position more than ids: a classification has one token of its own. */
function textEncoder(length: number): ModelChoice {
  const positions = length + 1 > 512 ? { positions: length + 1 } : {};
  return { spec: { use: 'text-encoder', width: 128, depth: 2, heads: 4, ...positions }, base: adamw };
}

function resnet([height = 0, width = 0]: readonly number[]): ModelChoice {
  if (Math.max(height, width) > 64) return { spec: { use: 'resnet', architecture: 'resnet-50' } };
  return { spec: { use: 'resnet', architecture: 'resnet-18', width: 0.25 } };
}

/** Patches that fill the images, four of them a side at least. */
function vit([height = 0, width = 0]: readonly number[]): readonly ModelChoice[] {
  const patch = [16, 8, 4, 2].find((side) => height % side === 0 && width % side === 0 && height / side >= 4);
  return patch === undefined ? [] : [{ spec: { use: 'vit', patch, width: 96, depth: 4, heads: 3 }, base: adamw }];
}

/** Models for a data set: the official ones that fit it and are registered, then those of others. */
export function modelsForData(dataset: DataSet, plugins: readonly Plugin[]): readonly ModelChoice[] {
  const models = plugins.filter(({ kind }) => kind === 'model');
  const fitting = official(dataset).filter(({ spec }) => models.some(({ id }) => id === spec.use));
  const others = models.filter(({ id }) => !officialIds.includes(id)).map(choiceOf);
  return [...fitting, ...others];
}

const officialIds = ['layers', 'mlp', 'mlp1d-cnn', 'resnet', 'text-encoder', 'transformer', 'vit'];

/** A model that was asked for, whether it fits or not. */
export function choiceOf({ id, example: { options = {}, base } = {} }: Pick<Plugin, 'example' | 'id'>): ModelChoice {
  return { spec: { use: id, ...options }, ...(base && { base }) };
}
