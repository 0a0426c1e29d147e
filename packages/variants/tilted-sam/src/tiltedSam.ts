import {
  type Ascent,
  ascentOf,
  type AscentPoint,
  axpy,
  dot,
  norm,
  normEpsilon,
  ofLength,
  scale,
  type SharpnessVariant,
  type Step,
  sub,
  sumOf,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface TiltedSamSettings {
  /** t. */
  readonly tilt: number;
  readonly samples: number;
  /** The largest length of the noise. */
  readonly noise: number;
}

/** One perturbed point: its loss, and how it moves with rho. */
interface Sample {
  readonly loss: tf.Scalar;
  readonly point: AscentPoint;
  readonly offset: WeightVector;
}

/** n min(1, noise / ||n||), n standard normal: uniform on a sphere, unless all weights are few. */
function draw({ part, random, weights }: Step<unknown>, sample: number, noise: number): WeightVector {
  const stream = random.at('noise').at(part).at(sample);
  const n = weights.map(({ shape }, i) => stream.at(i).normal(shape));
  return scale(n, tf.minimum<tf.Scalar>(1, tf.div(noise, tf.add(norm(n), normEpsilon))));
}

/** SAM from theta + u: u is no perturbation by rho. */
function take(step: Step<unknown>, u: WeightVector): Sample {
  const { evaluate, radius: rho } = step;
  const at = (offset?: WeightVector) => evaluate({ shift: u, ...(offset && { offset }) });
  const { gradient: origin } = at();
  const offset = ofLength(origin, rho);
  const { gradient: perturbed, loss } = at(offset);
  const point = ascentOf(offset, rho, {
    perturbed,
    origin,
    gradientAt: (there) => at(there).gradient,
    // No part of the algorithm: one more gradient, for who asks.
    get clean() {
      return evaluate().gradient;
    },
  });
  return { loss, point, offset };
}

/** sum_i w_i v_i of weights that sum to one, written so that equal vectors give themselves, bit for bit. */
function weighted(vectors: readonly WeightVector[], weights: readonly tf.Scalar[]): WeightVector {
  const [first, ...others] = vectors as readonly [WeightVector, ...WeightVector[]];
  return others.reduce((sum, vector, i) => axpy(weights[i + 1] as tf.Scalar, sub(vector, first), sum), first);
}

/** The weights exp(t L_i) / sum exp(t L_j), and the tilted loss log(mean exp(t L_i)) / t: at t 0 both are means. */
function tilted(losses: tf.Tensor1D, t: number): { readonly weights: tf.Tensor1D; readonly loss: tf.Scalar } {
  const largest = tf.max<tf.Scalar>(losses);
  const exponents = tf.mul<tf.Tensor1D>(t, tf.sub(losses, largest)); // At most 0: exp cannot overflow.
  const weights = tf.softmax(exponents);
  if (t === 0) return { weights, loss: tf.mean(losses) };
  return { weights, loss: tf.add(largest, tf.div(tf.log(tf.mean(tf.exp(exponents))), t)) };
}

/**
 * d(final gradient) / d rho: the gradients move, and the weights with their losses, dw_i = t w_i (l_i - sum_j w_j l_j),
 * where l_i = <g_i, d_i> is how fast the loss of a sample grows.
 */
function derivativeOf(samples: readonly Sample[], weights: readonly tf.Scalar[], t: number) {
  return (along: (point: AscentPoint) => WeightVector): WeightVector => {
    const points = samples.map(({ point }) => point);
    const moved = weighted(points.map(along), weights);
    if (t === 0 || points.length === 1) return moved;
    const slopes = points.map(({ perturbed, direction }) => dot(perturbed, direction));
    const mean = sumOf(slopes.map((slope, i) => tf.mul<tf.Scalar>(slope, weights[i] as tf.Scalar)));
    return points.reduce((sum, { perturbed }, i) => {
      const change = tf.mul(tf.mul(t, weights[i] as tf.Scalar), tf.sub(slopes[i] as tf.Scalar, mean));
      return axpy(change as tf.Scalar, perturbed, sum);
    }, moved);
  };
}

/**
 * Tilted SAM as a variant, by the sampling of the official code: each sample starts at noise and climbs by rho along
 * the gradient there; their gradients are averaged by exponential weights of their losses.
 *
 *     u_i     = n_i min(1, noise / ||n_i||)                    n_i standard normal
 *     theta_i = theta + u_i + rho g_i / (||g_i|| + 1e-12)      g_i = grad L(theta + u_i)
 *     w_i     = exp(t L(theta_i)) / sum_j exp(t L(theta_j))
 *     theta   <- base step at theta with sum_i w_i grad L(theta_i)
 */
export function tiltedSamVariant({ tilt, samples, noise }: TiltedSamSettings): SharpnessVariant<unknown> {
  return {
    id: 'tilted-sam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      // No gradient is at theta: a forward pass more, as in msam.
      const { loss } = step.evaluate({ only: step.weights.map(() => false) });
      const taken = Array.from({ length: samples }, (_, i) => take(step, draw(step, i, noise)));
      const { weights, loss: tiltedLoss } = tilted(tf.stack(taken.map((sample) => sample.loss)) as tf.Tensor1D, tilt);
      const each = tf.unstack(weights) as tf.Scalar[];
      const [{ point, offset }] = taken as [Sample];
      // Not spread: the clean gradient is a pass.
      const ascent: Ascent = Object.defineProperty(point, 'derivative', {
        enumerable: true,
        value: derivativeOf(taken, each, tilt),
      });
      const metrics = { tiltedLoss, largestWeight: tf.max<tf.Scalar>(weights) };
      return {
        loss,
        gradient: weighted(
          taken.map((sample) => sample.point.perturbed),
          each,
        ),
        state: step.state,
        ascent,
        metrics: samples === 1 ? { ...metrics, perturbationNorm: norm(offset) } : metrics,
      };
    },
  };
}
