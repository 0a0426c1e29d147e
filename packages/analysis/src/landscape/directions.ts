import type { RandomStream } from '@flatmin/core';
import type { SurfaceParameter } from '../surface/lossSurface.js';
import { normals } from '../vectors/randomVectors.js';
import { norm, scaled, type Vector } from '../vectors/vector.js';

/**
 * A random direction whose filters are as long as those of the weights: normal numbers, of which each filter d_i is
 * scaled to ||theta_i||. This makes networks comparable whose layers are scaled differently but whose outputs are the
 * same. Biases and normalization do not move. A filter is the weights of one output of a kernel, which has its outputs
 * on the last axis, or a row of an embedding.
 *
 * Source: Li, Xu, Taylor, Studer, Goldstein, "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018.
 */
export function filterNormalized(
  weights: Vector,
  parameters: readonly SurfaceParameter[],
  random: RandomStream,
): Vector {
  const direction = normals(random, weights.length);
  for (const parameter of parameters) {
    const { start, end, role, shape } = parameter;
    const piece = direction.subarray(start, end);
    if (role === 'bias' || role === 'normalization' || shape.length < 2) {
      piece.fill(0);
      continue;
    }
    const columns = role === 'embedding' ? (shape[0] as number) : (shape.at(-1) as number);
    const filterOf = (index: number): number =>
      role === 'embedding' ? Math.floor(index / (piece.length / columns)) : index % columns;
    const factors = lengths(weights.subarray(start, end), columns, filterOf);
    const own = lengths(piece, columns, filterOf);
    for (let i = 0; i < piece.length; i++) {
      const filter = filterOf(i);
      const length = own[filter] as number;
      piece[i] = length === 0 ? 0 : ((piece[i] as number) * (factors[filter] as number)) / length;
    }
  }
  return direction;
}

/** The length of each filter. */
function lengths(values: Vector, filters: number, filterOf: (index: number) => number): Float64Array {
  const squares = new Float64Array(filters);
  for (let i = 0; i < values.length; i++) {
    const filter = filterOf(i);
    squares[filter] = (squares[filter] as number) + (values[i] as number) ** 2;
  }
  return squares.map(Math.sqrt);
}

/** A direction of length 1. */
export function unitOf(direction: Vector): Vector {
  return scaled(direction, 1 / norm(direction));
}
