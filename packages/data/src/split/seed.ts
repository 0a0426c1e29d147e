import { RandomStream } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import { refuse } from '../errors/refuse.js';

/** A number, or the stream to draw from. */
export type Seed = number | RandomStream;

/** The stream of a seed. */
export function streamOf(seed: Seed): RandomStream {
  if (typeof seed !== 'number') return seed;
  if (!Number.isSafeInteger(seed)) refuse(`seed is ${show(seed)}`, 'Give an integer.');
  return new RandomStream(seed);
}
