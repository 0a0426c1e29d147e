import { type Dropout, dropout } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

export interface DropoutLayerOptions {
  /** The probability with which a value is left out: at least 0, below 1. */
  readonly rate: number;
  /** Tells the masks of layers apart, and is kept by `model.save`. Default: one that TF.js counts. */
  readonly name?: string;
}

class StepDropout extends layers.Layer {
  static readonly className = 'FlatminDropout';
  readonly #rate: number;
  readonly #drop: Dropout;

  constructor({ rate, ...others }: DropoutLayerOptions) {
    super(others);
    this.#rate = rate;
    this.#drop = dropout({ path: this.name }, rate);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean }): tf.Tensor {
    const [x] = [inputs].flat() as [tf.Tensor];
    return tf.tidy(() => this.#drop(x, training === true));
  }

  override computeOutputShape<S>(inputShape: S): S {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.#rate };
  }
}

tf.serialization.registerClass(StepDropout);

/**
 * Dropout for a `tf.LayersModel` that is trained by flatmin: the same mask in both passes of a SAM step, another in each step, as
 * `dropout` of @flatmin/model-blocks, where `tf.layers.dropout` draws one in each pass. Steps can run as graphs.
 *
 * A saved model with it loads where this package is imported.
 *
 * @throws FlatminError SPEC_INVALID for a rate below 0, of 1 or more.
 * @example
 * ```ts
 * tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [20] }), dropoutLayer({ rate: 0.3 }), tf.layers.dense({ units: 10 })] });
 * ```
 */
export function dropoutLayer(options: DropoutLayerOptions): layers.Layer {
  return new StepDropout(options);
}
