import type { RandomStream } from '@flatmin/core';
import { norm, scaled, type Vector } from './vector.js';

/** Independent signs, +1 or -1: of all vectors of such probes those whose estimate of a trace varies least. */
export function signs(random: RandomStream, size: number): Vector {
  const next = random.generator();
  return Float32Array.from({ length: size }, () => (next() < 0.5 ? -1 : 1));
}

/** Standard normal numbers. */
export function normals(random: RandomStream, size: number): Vector {
  return Float32Array.from(random.normals(size));
}

/** A direction, each as likely as any other. */
export function unit(random: RandomStream, size: number): Vector {
  const vector = normals(random, size);
  return scaled(vector, 1 / norm(vector));
}
