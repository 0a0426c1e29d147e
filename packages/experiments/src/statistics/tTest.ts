import { createRequire } from 'node:module';
import type ttest from '@stdlib/stats-ttest';

let loaded: typeof ttest | undefined;

/**
 * Student's t test of a mean against 0, two-sided, with its 95 % interval: `@stdlib/stats-ttest`.
 *
 * It is loaded with the first call, as its three hundred modules take a third of a second: no command waits for them
 * that has no seeds to compare.
 */
export function tTest(values: readonly number[]): { readonly pValue: number; readonly ci: readonly [number, number] } {
  loaded ??= createRequire(import.meta.url)('@stdlib/stats-ttest') as typeof ttest;
  const { pValue, ci } = loaded([...values]);
  return { pValue, ci: ci as unknown as readonly [number, number] };
}
