import * as tf from '@tensorflow/tfjs-core';
import { SharpnessAwareOptimizer } from './optimizer.js';

/** Lets `tf.loadLayersModel` find flatmin's optimizer. Importing core alone has no effect; the umbrella calls this. */
export function registerOptimizer(): void {
  tf.serialization.registerClass(SharpnessAwareOptimizer);
}
