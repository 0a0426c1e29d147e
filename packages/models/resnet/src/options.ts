import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import { architectures } from './architectures.js';
import type { ResnetSpecOptions } from './specOptions.js';

export type ResnetOptions = ResnetSpecOptions;

/** Refuses what the schema of the plugin refuses, for those who call the factory. */
export function checkOptions({ architecture, width, dropout }: Required<ResnetOptions>): void {
  if (!(architectures as readonly string[]).includes(architecture)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `resnet: architecture is ${show(architecture)}. Use one of ${architectures.map(show).join(', ')}.`,
    );
  }
  if (!(width > 0 && width <= 16)) {
    throw new FlatminError('SPEC_INVALID', `resnet: width is ${show(width)}. Give a number above 0 and up to 16.`);
  }
  if (dropout !== 0 && architecture !== 'wrn-28-10') {
    throw new FlatminError(
      'SPEC_INVALID',
      `resnet: dropout is ${show(dropout)}, and only wrn-28-10 has it, between its convolutions; ${architecture} has none. ` +
        "Leave out dropout, or use 'wrn-28-10'.",
    );
  }
  if (!(dropout >= 0 && dropout < 1)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `resnet: dropout is ${show(dropout)}. Give a number of at least 0 and below 1.`,
    );
  }
}
