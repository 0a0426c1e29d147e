import { FlatminError, type RandomStream } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, model as modelOf, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Layer } from '../sublayers.js';

/** A dense layer in place of the last one, for a trunk that was trained on something else. */
export interface HeadOptions {
  /** The layer whose output the new one takes. Default: the last one with weights is replaced, with all after it. */
  readonly after?: string | undefined;
  /** The number of classes, to be held against that of the data. */
  readonly classes?: number | undefined;
  /** Rate of dropout before it; default 0. */
  readonly dropout?: number | undefined;
}

/** The name of the layer that replaces the last one. */
export const headName = 'flatmin_head';

/**
 * A model of the layers of another one, and a dense layer of `outputs` linear units behind them. Outputs of images or
 * sequences are averaged before it. Its kernel starts by Glorot's uniform distribution, drawn from `random`, its bias
 * at 0.
 *
 * @throws FlatminError SPEC_INVALID where there is no layer to put it after.
 */
export function withHead(model: LayersModel, head: HeadOptions, outputs: number, random: RandomStream): LayersModel {
  const from = pooled(trunkOutput(model, head.after));
  const { dropout = 0 } = head;
  const kept = dropout === 0 ? from : applied(layers.dropout({ rate: dropout, name: `${headName}_dropout` }), from);
  const dense = layers.dense({ units: outputs, name: headName, kernelInitializer: 'zeros' });
  const made = modelOf({ inputs: model.inputs, outputs: applied(dense, kept), name: model.name });
  const inputs = kept.shape.at(-1) as number;
  const limit = Math.sqrt(6 / (inputs + outputs));
  const values = Float32Array.from(random.at(headName).uniforms(inputs * outputs), (u) => limit * (2 * u - 1));
  tf.tidy(() => dense.setWeights([tf.tensor2d(values, [inputs, outputs]), tf.zeros([outputs])]));
  return made;
}

const applied = (layer: Layer, to: SymbolicTensor): SymbolicTensor => layer.apply(to) as SymbolicTensor;

function trunkOutput(model: LayersModel, after: string | undefined): SymbolicTensor {
  const tops = model.layers;
  if (after !== undefined) {
    const found = tops.find(({ name }) => name === after);
    if (found !== undefined) return single(found.output, after);
    return refuse(
      `head.after is ${show(after)}, and the model has no such layer. Its last ones are ${lastNames(tops)}`,
    );
  }
  const last = tops.findLast(({ weights }) => weights.length > 0);
  if (last === undefined || last === tops[0]) {
    return refuse(`the model has no layer that a head can replace; its layers are ${lastNames(tops)}. Give head.after`);
  }
  return single(last.input, last.name);
}

const lastNames = (tops: readonly Layer[]): string =>
  tops
    .slice(-8)
    .map(({ name }) => name)
    .join(', ');

function single(tensor: SymbolicTensor | SymbolicTensor[], layer: string): SymbolicTensor {
  return Array.isArray(tensor)
    ? refuse(`the layer ${show(layer)} has several inputs or outputs. Give another head.after`)
    : tensor;
}

/** [batch, values] of [batch, ..., values]. */
function pooled(from: SymbolicTensor): SymbolicTensor {
  const { rank } = from;
  if (rank === 4) return applied(layers.globalAveragePooling2d({ name: `${headName}_average` }), from);
  if (rank === 3) return applied(layers.globalAveragePooling1d({ name: `${headName}_average` }), from);
  return rank === 2
    ? from
    : refuse(`the new head would take an output of rank ${rank}. Give head.after: a layer of rank 2 to 4`);
}

function refuse(what: string): never {
  throw new FlatminError('SPEC_INVALID', `${what}.`);
}
