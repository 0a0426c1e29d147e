import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { GraphAdapter } from './setup.js';

/** Stands for `capture` of @flatmin/graph: takes `times` eager steps for each one. One is right. */
export function pretendedGraphs(times: number): GraphAdapter {
  return (optimizer, lossOf, example, { variables }) => {
    if (tf.getBackend() !== 'tensorflow')
      throw new FlatminError('CAPTURE_REFUSED', 'graphs run on the native backend.');
    let graphs = 0;
    const step = (...batch: typeof example): tf.Scalar => {
      graphs = 1;
      const take = (): tf.Scalar =>
        optimizer.minimize(lossOf(...batch), true, variables && [...variables]) as tf.Scalar;
      for (let t = 1; t < times; t++) take().dispose();
      return take();
    };
    return Object.defineProperty(Object.assign(step, { dispose: () => undefined, graphs }), 'graphs', {
      get: () => graphs,
    });
  };
}
