import type { StepMetrics } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { SavedOptimizer } from '../checkpoint/checkpoint.js';

/** What the loop needs of an optimizer; every optimizer of flatmin has it. */
export interface LoopOptimizer extends SavedOptimizer {
  learningRate: number;
  readonly lastStep: { readonly gradientEvaluations?: number | undefined };
  minimize(loss: () => tf.Scalar, returnCost?: boolean, variables?: tf.Variable[]): tf.Scalar | null;
  readLastStep(): Promise<StepMetrics>;
  /** Runs something at the weights to evaluate with, and says whether they are other ones than those that train. */
  withEvaluationWeights?<T>(run: (differ: boolean) => T, variables?: readonly tf.Variable[]): T;
  /** Leaves the variables there, until the next step; false where they are no others. */
  useEvaluationWeights?(variables?: readonly tf.Variable[]): boolean;
}
