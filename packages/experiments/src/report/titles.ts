import type { ResultName } from '../statistics/judged.js';

/** `test accuracy`, `test rootMeanSquaredError`: as columns and axes name the result. */
export function resultTitle(name: ResultName): string {
  return `test ${name}`;
}
