import { dropout } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { drawsByPlace, numberDropout } from './dropoutNumbers.js';
import { type Layer, sublayers } from './sublayers.js';

/** The fields by which TF.js's layers say that they draw random numbers in training. */
interface Drawing {
  readonly rate?: number;
  readonly stddev?: number;
  readonly dropout?: number;
  readonly recurrentDropout?: number;
  readonly noiseShape?: readonly number[] | null;
}

type Call = (inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }) => tf.Tensor;

const converted = new WeakSet<Layer>();

const fieldsOf = (layer: Layer): Drawing => layer as unknown as Drawing;

/** Whether a layer of TF.js's draws new numbers in each pass. */
function draws(layer: Layer): boolean {
  const { rate = 0, stddev = 0, dropout: share = 0, recurrentDropout = 0 } = fieldsOf(layer);
  switch (layer.getClassName()) {
    case 'Dropout':
    case 'SpatialDropout1D':
    case 'GaussianDropout':
    case 'AlphaDropout':
      return rate > 0 && !converted.has(layer);
    case 'GaussianNoise':
      return stddev > 0;
    default:
      return /Cell$/.test(layer.getClassName()) && share + recurrentDropout > 0;
  }
}

/** The layers of a model that draw random numbers which no graph can draw again. */
export function drawingLayers(model: LayersModel): readonly string[] {
  return [...new Set(sublayers(model))].filter(draws).map((layer) => `${layer.name} (${layer.getClassName()})`);
}

/**
 * Makes the `tf.layers.dropout` layers of a model, such as a loaded one, draw their masks as {@link dropoutLayer} does:
 * the same in all passes of a step, another in each step, by the optimizer's seed. Steps can then run as graphs. Call
 * it before `compile`, and again after loading, because `model.save` writes the model without this change.
 *
 * The seed of a layer, with which TF.js repeats one mask forever, is no longer used. A layer with a `noiseShape` stays
 * unchanged, and so do other layers with random draws (`gaussianNoise`, `alphaDropout`, recurrent ones with dropout).
 *
 * @returns the names of the layers that it converted.
 * @example
 * ```ts fragment
 * const model = await tf.loadLayersModel('file://./model/model.json');
 * convertDropout(model);
 * compile(model, { optimizer, loss: 'categoricalCrossentropy', graph: true });
 * ```
 */
export function convertDropout(model: LayersModel): readonly string[] {
  const layers = [...new Set(sublayers(model))].filter(
    (layer) => layer.getClassName() === 'Dropout' && draws(layer) && fieldsOf(layer).noiseShape == null,
  );
  for (const layer of layers) convert(layer);
  numberDropout(model);
  return layers.map(({ name }) => name);
}

function convert(layer: Layer): void {
  const { rate = 0 } = fieldsOf(layer);
  let drop = dropout({ path: layer.name }, rate);
  drawsByPlace(layer, (path) => (drop = dropout({ path }, rate)));
  const call: Call = (inputs, { training }) => tf.tidy(() => drop([inputs].flat()[0] as tf.Tensor, training === true));
  (layer as unknown as { call: Call }).call = call;
  converted.add(layer);
}
