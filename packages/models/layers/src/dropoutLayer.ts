import { type Dropout, dropout } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { drawsByPlace } from './dropoutNumbers.js';

export interface DropoutLayerOptions {
  /** The probability with which a value is left out: at least 0, below 1. */
  readonly rate: number;
  /**
   * Distinguishes the masks of layers, and is kept by `model.save`. Default: they are distinguished by their position
   * in the model.
   */
  readonly name?: string;
}

interface SavedOptions extends DropoutLayerOptions {
  /** True for one without a name of its own: the one that it has is counted by TF.js. */
  readonly numbered?: boolean;
}

class StepDropout extends layers.Layer {
  static readonly className = 'FlatminDropout';
  readonly #rate: number;
  readonly #isNumbered: boolean;
  #drop: Dropout;

  constructor({ rate, numbered, ...others }: SavedOptions) {
    super(others);
    this.#rate = rate;
    this.#isNumbered = numbered ?? others.name === undefined;
    this.#drop = dropout({ path: this.name }, rate);
    if (this.#isNumbered) drawsByPlace(this, (path) => (this.#drop = dropout({ path }, rate)));
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean }): tf.Tensor {
    const [x] = [inputs].flat() as [tf.Tensor];
    return tf.tidy(() => this.#drop(x, training === true));
  }

  override computeOutputShape<S>(inputShape: S): S {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.#rate, ...(this.#isNumbered && { numbered: true }) };
  }
}

tf.serialization.registerClass(StepDropout);

/**
 * Dropout for a `tf.LayersModel` that is trained by flatmin: like `dropout` of @flatmin/model-blocks, it uses the same
 * mask in both passes of a SAM step and another in each step, while `tf.layers.dropout` draws one in each pass. Steps
 * can run as graphs.
 *
 * A saved model with such layers can be loaded if this package is imported. A rebuilt model draws the same masks at the
 * same seed, because layers without a name are identified by their position among the model's dropout layers, which
 * `compile`, `attach`, `batchLoss` and `modelLoss` determine; give them names if a loss calls the model without these.
 *
 * @throws FlatminError SPEC_INVALID for a rate below 0, of 1 or more.
 * @example
 * ```ts
 * const [hidden, output] = [tf.layers.dense({ units: 64, inputShape: [20] }), tf.layers.dense({ units: 10 })];
 * tf.sequential({ layers: [hidden, dropoutLayer({ rate: 0.3 }), output] });
 * ```
 */
export function dropoutLayer(options: DropoutLayerOptions): layers.Layer {
  return new StepDropout(options);
}
