import { extremesOf } from '../statistics/estimate.js';

/** 1, 2 and 5 times the powers of ten that span some values: the axis's own choice is crowded or nearly empty. */
export function logarithmicTicks(values: readonly number[]): readonly number[] {
  const { least, greatest } = extremesOf(values);
  const first = Math.floor(Math.log10(least));
  const decades = Array.from({ length: Math.ceil(Math.log10(greatest)) - first + 1 }, (_, i) => first + i);
  // Powers of negative exponents by their decimal text: 10 ** -3 times 5 is not 0.005.
  const ticks = decades.flatMap((exponent) => [1, 2, 5].map((factor) => Number(`${factor}e${exponent}`)));
  return ticks.filter((tick) => tick >= least * 0.999 && tick <= greatest * 1.001);
}
