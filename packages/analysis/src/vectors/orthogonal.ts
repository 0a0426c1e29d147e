import { addTo, dot, norm, scaled, type Vector } from './vector.js';

/**
 * Takes what lies along an orthonormal set out of a vector, in place: twice, since after once what is left of a vector
 * that lay almost wholly along the set is mostly rounding (Giraud et al. 2005: twice is enough).
 */
export function project(vector: Vector, out: readonly Vector[]): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of out) addTo(vector, -dot(direction, vector), direction);
  }
}

/** Below this share of its length what is left of a vector is the rounding of float32. */
const rounding = 1e-5;

/**
 * An orthonormal basis of what the vectors span: as many as they have independent ones.
 *
 * @param beside an orthonormal set that the basis is orthogonal to.
 */
export function orthonormal(vectors: readonly Vector[], beside: readonly Vector[] = []): Vector[] {
  const basis: Vector[] = [];
  for (const vector of vectors) {
    const rest = Float32Array.from(vector);
    project(rest, [...beside, ...basis]);
    const length = norm(rest);
    if (length > rounding * norm(vector)) basis.push(scaled(rest, 1 / length));
  }
  return basis;
}
