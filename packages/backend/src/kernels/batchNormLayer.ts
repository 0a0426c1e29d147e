import type * as tf from '@tensorflow/tfjs';
import { batchNormTraining, canFuseBatchNorm } from './batchNormTraining.js';
import type { Tf } from '../tfjs/tf.js';

interface LayerWeight {
  read(): tf.Tensor;
  write(value: tf.Tensor): unknown;
}

/** What TF.js 4.22 has in a batch normalization layer. */
interface BatchNormalization {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma?: LayerWeight | null;
  readonly beta?: LayerWeight | null;
  readonly movingMean: LayerWeight;
  readonly movingVariance: LayerWeight;
  call: (this: BatchNormalization, inputs: tf.Tensor | tf.Tensor[], kwargs: Call) => tf.Tensor | tf.Tensor[];
}
type Call = Readonly<Record<string, unknown>>;

let replaced = false;

/**
 * Makes `tf.layers.batchNormalization` train through TensorFlow's fused kernels on the native backend: two ops instead
 * of about 50 with the gradient, and no temporaries as large as the batch. Everything else is as before: inference,
 * other backends, ranks and axes, layers without gamma or beta, weights, moving averages (by the variance of the batch
 * divided by n, as TF.js has it), configuration.
 */
export function fuseBatchNormalization({ serialization, tidy, sub, mul }: Tf): void {
  const [layer] = serialization.SerializationMap.getMap().classNameMap['BatchNormalization'] ?? [];
  if (replaced || layer === undefined) return;
  replaced = true;
  const prototype = layer.prototype as unknown as BatchNormalization;
  const original = prototype.call;
  const average = (weight: LayerWeight, value: tf.Tensor, momentum: number): void => {
    const before = weight.read();
    weight.write(sub(before, mul(sub(before, value), 1 - momentum)));
  };
  prototype.call = function (inputs, kwargs) {
    const [x, ...others] = Array.isArray(inputs) ? inputs : [inputs];
    const { gamma, beta } = this;
    const fuses = Boolean(kwargs['training']) && x !== undefined && others.length === 0 && isFusible(x, this.axis);
    if (!fuses || gamma == null || beta == null) return original.call(this, inputs, kwargs);
    return tidy(() => {
      const { y, mean, variance } = batchNormTraining(x, gamma.read(), beta.read(), this.epsilon);
      average(this.movingMean, mean, this.momentum);
      average(this.movingVariance, variance, this.momentum);
      return y;
    });
  };
}

function isFusible(x: tf.Tensor, axis: number): boolean {
  return (axis < 0 ? axis + x.rank : axis) === x.rank - 1 && canFuseBatchNorm(x);
}
