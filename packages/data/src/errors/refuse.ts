import { FlatminError } from '@flatmin/core';

/** Throws the named error of bad data. */
export function refuse(what: string, remedy: string): never {
  throw new FlatminError('DATA_INVALID', `${what}. ${remedy}`);
}
