import {
  ascentOf,
  axpy,
  dot,
  type Evaluation,
  norm,
  scale,
  type SharpnessVariant,
  squaredNorm,
  type Step,
  type StepOutcome,
  through,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface SamSpsSettings {
  readonly lambda: number;
  readonly lowerBound: number;
  readonly gammaMax: number;
}

/** The official code's, of ||g|| and of ||ghat||^2, from below. */
const least = 1e-12;

/** epsilon = rho (1 - lambda + lambda / ||g||) g, as of Unified SAM; rho in each term makes 1 SAM bit for bit. */
function offsetOf(g: WeightVector, rho: tf.Scalar, lambda: number): WeightVector {
  const ofSam = tf.div(tf.mul(rho, lambda), tf.maximum(norm(g), least));
  return scale(g, tf.add<tf.Scalar>(tf.mul(rho, 1 - lambda), ofSam));
}

/** The step size, min([L(theta + epsilon) - lowerBound - <ghat, epsilon>]_+ / ||ghat||^2, gammaMax), and its parts. */
function polyakStep(
  { loss: perturbedLoss, gradient: ghat }: Evaluation,
  epsilon: WeightVector,
  settings: SamSpsSettings,
) {
  const { lowerBound, gammaMax } = settings;
  const excess = tf.sub(tf.sub(perturbedLoss, lowerBound), dot(ghat, epsilon));
  const squaredLength = tf.maximum<tf.Scalar>(squaredNorm(ghat), least);
  const wanted = tf.div<tf.Scalar>(tf.relu(excess), squaredLength);
  const isCapped = tf.greater<tf.Scalar>(wanted, gammaMax);
  const isMoving = tf.logicalAnd<tf.Scalar>(tf.greater(excess, 0), tf.logicalNot(isCapped));
  return {
    stepSize: tf.minimum<tf.Scalar>(wanted, gammaMax),
    capped: tf.cast<tf.Scalar>(isCapped, 'float32'),
    /** 1 where the step size depends on rho, between its two bounds; else 0. */
    moving: tf.cast<tf.Scalar>(isMoving, 'float32'),
    squaredLength,
  };
}

/** SAM-SPS as a variant: the gradient at the offset, times a Polyak step size from the loss there. */
export function samSpsVariant(settings: SamSpsSettings): SharpnessVariant<unknown> {
  const estimate = ({ evaluate, radius: rho, state }: Step<unknown>): StepOutcome<unknown> => {
    const { loss, gradient: g } = evaluate();
    const asked = offsetOf(g, rho, settings.lambda);
    const there = evaluate({ offset: asked });
    const { gradient: ghat, loss: perturbedLoss, offset: epsilon = asked } = there;
    const { stepSize, capped, moving, squaredLength } = polyakStep(there, epsilon, settings);
    // rho moves the step size too. Of its numerator, what the loss gains, <ghat, d epsilon>, goes again with the
    // product, and -<d ghat, epsilon> remains.
    const ascent = through(ascentOf(asked, rho, { clean: g, perturbed: ghat }), (change) => {
      const ofNumerator = tf.neg<tf.Scalar>(dot(change, epsilon));
      const ofSquare = tf.mul<tf.Scalar>(tf.mul(2, stepSize), dot(ghat, change));
      const sizeChange = tf.div<tf.Scalar>(tf.mul(moving, tf.sub<tf.Scalar>(ofNumerator, ofSquare)), squaredLength);
      return axpy(sizeChange, ghat, scale(change, stepSize));
    });
    const metrics = { perturbationNorm: norm(asked), stepSize, capped, perturbedLoss };
    return { loss, gradient: scale(ghat, stepSize), state, ascent, metrics };
  };
  return { id: 'sam-sps', radius: 'linear', graphKey: () => 'step', initialState: () => ({}), estimate };
}
