import { FlatminError } from '@flatmin/core';

/**
 * The code of a step does something else than its graph: found while the step is rehearsed, and no error of anybody's.
 */
export class Departure extends FlatminError {
  constructor(readonly what: string) {
    super('CAPTURE_REFUSED', `the step does something else than when it was captured: ${what}.`);
  }
}
