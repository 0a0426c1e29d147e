import { type LossFunction, RandomStream } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

const rows = 12;
const inputs = 4;
const classes = 3;

/** Data and models of layers for the checks that go through `compile` and `fit`; the same numbers each time. */
export class LayersProblem {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;

  constructor() {
    const uniforms = new RandomStream(96).at('x').uniforms(rows * inputs);
    this.x = tf.tensor2d(
      [...uniforms].map((value) => Math.fround(4 * value - 2)),
      [rows, inputs],
    );
    this.y = tf.tidy(() => tf.tile(tf.eye(classes), [rows / classes, 1]));
  }

  /** A network with batch normalization, from the same start each time. */
  model(): tfl.LayersModel {
    const kernel = (seed: number) => tfl.initializers.randomNormal({ mean: 0, stddev: 0.7, seed });
    return tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 5, activation: 'tanh', inputShape: [inputs], kernelInitializer: kernel(1) }),
        tfl.layers.batchNormalization({ momentum: 0.8 }),
        tfl.layers.dense({ units: classes, activation: 'softmax', kernelInitializer: kernel(2) }),
      ],
    });
  }

  /** The loss of held-out data, for LETS. */
  validationLoss(model: tfl.LayersModel): LossFunction {
    return () => {
      const probabilities = model.apply(tf.neg(this.x), { training: false }) as tf.Tensor;
      return tf.neg(tf.mean(tf.sum(tf.mul(this.y, tf.log(tf.add(probabilities, 1e-7))), 1)));
    };
  }

  dispose(): void {
    tf.dispose([this.x, this.y]);
  }
}

/** The numbers of tensors. */
export async function valuesOf(tensors: readonly tf.Tensor[]): Promise<readonly Float32Array[]> {
  return Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data())));
}

/** Gives a part of a check the layers problem, and frees it whatever happens. */
export async function withLayersProblem(part: (problem: LayersProblem) => Promise<void>): Promise<void> {
  const problem = new LayersProblem();
  try {
    await part(problem);
  } finally {
    problem.dispose();
  }
}
