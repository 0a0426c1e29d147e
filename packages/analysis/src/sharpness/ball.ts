import { dot, norm, scaled, times, type Vector } from '../vectors/vector.js';

/** The shape of the ball in which sharpness looks. */
export interface Ball {
  /** Its norm. */
  readonly norm: 'l2' | 'linf';
  /** Its radius in that norm. */
  readonly rho: number;
  /**
   * How far each weight may go by itself, c: the ball is { delta : ||delta / c|| <= rho }. All ones for the plain ball;
   * |theta| for the adaptive one, which does not change where layers are rescaled against each other.
   */
  readonly scale: Vector;
}

/** What is added to |theta| in the adaptive ball, so that weights at 0 may move: ASAM's eta. */
const eta = 0.01;

/** How far each weight may go by itself in a ball of radius 1: |theta| + 0.01 in the adaptive one, else 1. */
export function scaleOf(weights: Vector, isAdaptive: boolean): Vector {
  return weights.map((weight) => (isAdaptive ? Math.abs(weight) + eta : 1));
}

/** The point of the ball in which a linear function with this gradient is largest. */
export function steepest(gradient: Vector, { norm: kind, rho, scale }: Ball): Vector {
  const slope = times(gradient, scale);
  if (kind === 'linf') return times(slope.map(Math.sign), scale).map((value) => rho * value);
  const length = norm(slope);
  return length === 0 ? new Float32Array(slope.length) : scaled(times(slope, scale), rho / length);
}

/** The point of the ball that is next to a displacement, by the ball's own measure. */
export function within(delta: Vector, { norm: kind, rho, scale }: Ball): Vector {
  if (kind === 'linf')
    return delta.map((value, i) => Math.max(-rho * (scale[i] as number), Math.min(rho * (scale[i] as number), value)));
  const relative = delta.map((value, i) => value / (scale[i] as number));
  const length = Math.sqrt(dot(relative, relative));
  return length <= rho ? delta : scaled(delta, rho / length);
}
