import type * as tf from '@tensorflow/tfjs-core';

/** A tensor and the name that a checkpoint keeps it under. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: tf.Tensor;
}

/** What the loop needs of an optimizer; every optimizer of flatmin has it. */
export interface LoopOptimizer {
  learningRate: number;
  readonly lastStep: { readonly gradientEvaluations?: number | undefined };
  minimize(loss: () => tf.Scalar, returnCost?: boolean, variables?: tf.Variable[]): tf.Scalar | null;
  readLastStep(): Promise<Readonly<Record<string, unknown>>>;
  /** Everything that decides the next step. */
  getWeights(): Promise<NamedTensor[]>;
  setWeights(weights: NamedTensor[]): Promise<void>;
}
