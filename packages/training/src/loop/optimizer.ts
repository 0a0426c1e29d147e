import type { StepMetrics } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { SavedOptimizer } from '../checkpoint/checkpoint.js';

/** What the loop needs of an optimizer; every optimizer of flatmin has it. */
export interface LoopOptimizer extends SavedOptimizer {
  learningRate: number;
  readonly lastStep: { readonly gradientEvaluations?: number | undefined };
  minimize(loss: () => tf.Scalar, returnCost?: boolean, variables?: tf.Variable[]): tf.Scalar | null;
  readLastStep(): Promise<StepMetrics>;
}
