import { FlatminError, show } from '@flatmin/core';
import { architectures } from './architectures.js';

/** Refuses what the schema of the plugin refuses, for those who call the factory. */
export function checkOptions(architecture: string, width: number): void {
  if (!(architectures as readonly string[]).includes(architecture)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `resnet: architecture is ${show(architecture)}. Use one of ${architectures.map(show).join(', ')}.`,
    );
  }
  if (!(width > 0 && width <= 16)) {
    throw new FlatminError('SPEC_INVALID', `resnet: width is ${show(width)}. Give a number above 0 and up to 16.`);
  }
}
