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
 * Makes the `tf.layers.dropout` of a model, such as one that was loaded, draw its masks as {@link dropoutLayer} does:
 * the same in all passes of a step, another in each step, by the optimizer's seed. Steps can run as graphs then. Call
 * it before `compile`, and again after loading: what `model.save` writes is the model as it was.
 *
 * The seed of a layer, by which TF.js repeats one mask for ever, is not used any more. A layer with a `noiseShape`
 * stays as it is, as do other layers that draw (`gaussianNoise`, `alphaDropout`, recurrent ones with dropout).
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
