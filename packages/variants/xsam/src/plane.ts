import { dot, norm, normEpsilon, weightedSum, type WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The plane of the offset and the gradient there, in which the step turns. */
export class Plane {
  readonly #cosine: tf.Scalar;
  readonly #offsetLength: tf.Scalar;
  readonly #gradientLength: tf.Scalar;

  constructor(
    readonly offset: WeightVector,
    readonly gradient: WeightVector,
  ) {
    this.#offsetLength = norm(offset);
    this.#gradientLength = norm(gradient);
    const lengths = tf.mul(tf.add(this.#offsetLength, normEpsilon), tf.add(this.#gradientLength, normEpsilon));
    // Rounding takes the cosine of parallel vectors above 1, whose arc is NaN.
    this.#cosine = tf.clipByValue(tf.div<tf.Scalar>(dot(offset, gradient), lengths), -1, 1);
  }

  /**
   * The factors of offset and gradient in `length` d(alpha), d(alpha) = sin((1 - alpha) a) / sin a v0 + sin(alpha a) /
   * sin a v1: for each alpha that there is.
   */
  factors(alpha: tf.Tensor | number, length: tf.Tensor | number): readonly [tf.Tensor, tf.Tensor] {
    const angle = tf.acos(this.#cosine);
    const sine = tf.sin(angle);
    // An angle of which float32 sees nothing leaves the limit, 1 - alpha and alpha; of opposite vectors the mean is 0.
    const isOpposite = tf.less(this.#cosine, 0);
    const share = (of: tf.Tensor): tf.Tensor =>
      tf.where(tf.less(sine, 1e-8), tf.where(isOpposite, 0.5, of), tf.div(tf.sin(tf.mul(of, angle)), sine));
    const per = (own: tf.Scalar): tf.Tensor => tf.div(length, tf.add(own, normEpsilon));
    return [
      tf.mul(share(tf.sub(1, alpha)), per(this.#offsetLength)),
      tf.mul(share(tf.mul(1, alpha)), per(this.#gradientLength)),
    ];
  }

  /** g_final = ||ghat|| d(alpha); without an offset, as at rho 0, there is no plane, and it is ghat. */
  turned(alpha: tf.Scalar | number): WeightVector {
    const [ofOffset, ofGradient] = this.factors(alpha, this.#gradientLength) as [tf.Scalar, tf.Scalar];
    const share = tf.where<tf.Scalar>(tf.greater(this.#offsetLength, 0), ofGradient, 1);
    return weightedSum(ofOffset, this.offset, share, this.gradient);
  }
}
