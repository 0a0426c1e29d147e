import type { LayersModel } from '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { type Layer, sublayers } from './sublayers.js';

/** The private side of a recurrent layer made with `stateful: true`. */
interface StatefulLayer {
  states_: tf.Tensor[];
  /** The states before each training pass, which TF.js keeps until `resetStates()`. */
  keptStates: tf.Tensor[][];
}

function statefulLayers(model: LayersModel): StatefulLayer[] {
  const keepsStates = (layer: Layer): boolean => {
    const { stateful, states_ } = layer as unknown as { stateful?: boolean; states_?: unknown };
    return stateful === true && Array.isArray(states_);
  };
  return [...sublayers(model)].filter(keepsStates) as unknown as StatefulLayer[];
}

/** True where passes start from states that earlier ones left. */
export function isStateful(model: LayersModel): boolean {
  return statefulLayers(model).length > 0;
}

/**
 * Runs a pass on copies of the states that the last training pass started from, and puts back those it reached: so both
 * passes of a step see the same sequence, and it is walked once.
 */
export function withStartingStates<T>(model: LayersModel, pass: () => T): T {
  const layers = statefulLayers(model);
  const before = layers.map(({ states_, keptStates }) => ({ reached: states_, kept: keptStates.length }));
  for (const layer of layers) {
    const start = layer.keptStates.at(-1) ?? layer.states_;
    layer.states_ = start.map((state) => tf.keep(state.clone()));
  }
  try {
    return pass();
  } finally {
    layers.forEach((layer, i) => {
      const { reached, kept } = before[i] as (typeof before)[number];
      // What the pass was given and what it left are its own copies: none of them is needed again.
      tf.dispose([layer.states_, ...layer.keptStates.splice(kept)]);
      layer.states_ = reached;
    });
  }
}
