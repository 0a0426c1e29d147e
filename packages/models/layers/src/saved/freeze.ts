import { FlatminError } from '@flatmin/core';
import { closest, didYouMean } from '@flatmin/core/internal';
import { show } from '@flatmin/core/plugin';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Layer, sublayers } from '../sublayers.js';
import { trainedModel } from '../trainedModel.js';

/** Whether a layer is meant: by its name, or by a beginning with a star, `block1_*`. */
const isMeant = (pattern: string, { name }: Layer): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/**
 * Freezes layers with all that is inside them.
 *
 * @throws FlatminError SPEC_INVALID for a name that no layer has.
 */
export function freeze(model: LayersModel, patterns: readonly string[]): void {
  const layers = model.layers.flatMap((layer) => [...sublayers(layer)]);
  for (const pattern of patterns) {
    const meant = layers.filter((layer) => isMeant(pattern, layer));
    if (meant.length === 0) refuseUnknown(pattern, layers);
    for (const layer of meant.flatMap((each) => [...sublayers(each)])) layer.trainable = false;
  }
}

function refuseUnknown(pattern: string, layers: readonly Layer[]): never {
  const names = layers.map(({ name }) => name);
  const near = closest(pattern, names);
  const shown = names.slice(0, 12).join(', ');
  throw new FlatminError(
    'SPEC_INVALID',
    `freeze names ${show(pattern)}, and the model has no such layer. Its layers are ${shown}${names.length > 12 ? `, and ${names.length - 12} more` : ''}; ` +
      `"block1_*" means all layers whose names begin with block1_.${near === undefined ? '' : ` ${didYouMean(near)}`}`,
  );
}

type Call = (inputs: unknown, kwargs: Record<string, unknown>) => unknown;

/**
 * Keeps what is frozen as it is, by the file or by {@link freeze}: no weight of it is trained, and batch normalizations
 * work by the averages that they have, in training too, and move none. So a frozen trunk computes what it computed
 * where it was trained.
 */
export function holdFrozen(model: LayersModel): void {
  trainedModel(model); // Now: TF.js makes every variable of a tf.Sequential trainable when it builds it.
  const trained = new Set((model as unknown as { trainableWeights: unknown[] }).trainableWeights);
  for (const weight of model.weights) (weight as unknown as { trainable: boolean }).trainable = trained.has(weight);
  for (const layer of sublayers(model)) {
    if (layer.getClassName() !== 'BatchNormalization' || layer.trainable) continue;
    const held = layer as unknown as { call: Call };
    const call = held.call.bind(layer);
    held.call = (inputs, kwargs) => call(inputs, { ...kwargs, training: false });
  }
}
