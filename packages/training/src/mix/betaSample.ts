import type { RandomStream } from '@flatmin/core';

/**
 * A number in [0, 1] from the Beta(alpha, alpha) distribution: G / (G + H) of two gamma variables. They are compared by
 * their logarithms, since for a small alpha both are often below the smallest float.
 *
 * Own code: the library that draws it from a given generator, @stdlib/random-base-beta, brings 236 packages.
 *
 * @param alpha above 0.
 */
export function betaSample(alpha: number, random: RandomStream): number {
  const difference = logOfGamma(alpha, random.at('second')) - logOfGamma(alpha, random.at('first'));
  return 1 / (1 + Math.exp(difference));
}

/**
 * The logarithm of a Gamma(shape, 1) variable (Marsaglia and Tsang 2000, "A simple method for generating gamma
 * variables"; a shape below 1 by their last section: Gamma(shape) is Gamma(shape + 1) U^(1 / shape)).
 */
function logOfGamma(shape: number, random: RandomStream): number {
  if (shape < 1) return logOfGamma(shape + 1, random) + Math.log(uniformOf(random.at('power'))) / shape;
  const d = shape - 1 / 3;
  for (let attempt = 0; ; attempt++) {
    const stream = random.at(attempt);
    const [x = 0] = stream.normals(1);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    // v is not above 0 with a probability below 0.01: then there is no logarithm, and the next attempt decides.
    if (v > 0 && Math.log(uniformOf(stream.at('accept'))) < (x * x) / 2 + d * (1 - v + Math.log(v)))
      return Math.log(d * v);
  }
}

/** In (0, 1], so that its logarithm is finite. */
const uniformOf = (random: RandomStream): number => 1 - random.generator()();
