import { FlatminError } from '@flatmin/core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { sum } from '../vectors/estimate.js';
import { addTo, dot, minus, norm, scaled, type Vector } from '../vectors/vector.js';
import { type Place, type Plane, placeOf } from './plane.js';

/** The path of a run, seen from where it varied most. */
export interface Trajectory {
  /** Through the last point, along the first two principal directions; one unit is one of the weights. */
  readonly plane: Plane;
  /** The place of each point of the path in it, in the order given. */
  readonly places: readonly Place[];
  /** Shares of the variance of the path that lie along the two. */
  readonly explained: readonly [first: number, second: number];
}

/**
 * The first two principal directions of the points theta_i - theta_n that a run passed, theta_n being the last. The
 * small matrix of their inner products is decomposed, never a matrix of weights by weights.
 *
 * A high-dimensional random walk also looks like a smooth curve in such a plane (Antognini, Sohl-Dickstein, NeurIPS
 * 2018): the shares of the variance show how much of the path lies in it, and the curve itself says nothing about the
 * loss.
 *
 * Cost: n^2 P multiplications.
 *
 * @throws FlatminError ANALYSIS_INVALID for fewer than three points, or points on one line.
 */
export function trajectoryOf(points: readonly Vector[]): Trajectory {
  const last = points.at(-1);
  if (points.length < 3 || last === undefined) {
    throw new FlatminError(
      'ANALYSIS_INVALID',
      `a trajectory got ${points.length} points, and a plane needs three. Keep more checkpoints of the run: keepCheckpoints in its config, checkpointEvery for more of them.`,
    );
  }
  const moves = points.slice(0, -1).map((point) => minus(point, last));
  const products = new Matrix(moves.map((a) => moves.map((b) => dot(a, b))));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(products, { assumeSymmetric: true });
  const order = realEigenvalues.map((value, i) => ({ value: Math.max(0, value), i })).sort((a, b) => b.value - a.value);
  const [first, second] = order as [(typeof order)[number], (typeof order)[number]];
  if (second.value <= 1e-9 * first.value) {
    throw new FlatminError(
      'ANALYSIS_INVALID',
      'the points of a trajectory lie on a line. Give points of a run of several steps.',
    );
  }
  const directions = [first, second].map(({ i }) => directionOf(moves, eigenvectorMatrix.getColumn(i))) as [
    Vector,
    Vector,
  ];
  const plane = { origin: last, directions } as const;
  const total = sum(order.map(({ value }) => value));
  return {
    plane,
    places: points.map((point) => placeOf(point, plane)),
    explained: [first.value / total, second.value / total],
  };
}

/** The direction of length 1; its largest coordinate is positive, so that it does not depend on who decomposes. */
function directionOf(moves: readonly Vector[], coordinates: readonly number[]): Vector {
  const direction = new Float32Array((moves[0] as Vector).length);
  coordinates.forEach((coordinate, i) => addTo(direction, coordinate, moves[i] as Vector));
  const largest = coordinates.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
  return scaled(direction, Math.sign(largest) / norm(direction));
}
