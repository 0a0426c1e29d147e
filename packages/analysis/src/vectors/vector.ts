/**
 * All weights as one flat vector, float32 as the backend has them. What adds up over them is added in float64: over
 * millions of weights the last digits of a float32 sum are noise.
 */
export type Vector = Float32Array;

/** <a, b>. */
export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

export function norm(a: Vector): number {
  return Math.sqrt(dot(a, a));
}

/** y += factor x, in place. */
export function addTo(y: Vector, factor: number, x: Vector): void {
  for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + factor * (x[i] as number);
}

/** a + factor b. */
export function plus(a: Vector, factor: number, b: Vector): Vector {
  const sum = Float32Array.from(a);
  addTo(sum, factor, b);
  return sum;
}

/** a - b. */
export function minus(a: Vector, b: Vector): Vector {
  return plus(a, -1, b);
}

/** factor a. */
export function scaled(a: Vector, factor: number): Vector {
  return a.map((value) => factor * value);
}

/** a b, element by element. */
export function times(a: Vector, b: Vector): Vector {
  return a.map((value, i) => value * (b[i] as number));
}

/** Whether all elements are finite numbers. */
export function allFinite(a: Vector): boolean {
  return a.every(Number.isFinite);
}
