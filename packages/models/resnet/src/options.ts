import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import { type Architecture, architectures } from './architectures.js';

export interface ResnetOptions {
  /** `'resnet-18'` (default), `'wrn-28-10'` or `'pyramidnet-110'` for small images, `'resnet-50'` for large ones. */
  readonly architecture?: Architecture;
  /** Times the numbers of channels of the paper, rounded, at least 1 each. Default 1. */
  readonly width?: number;
  /**
   * Of `'wrn-28-10'` alone: share of values left out between the two convolutions of a block. Default 0; 0.3 in its
   * paper.
   */
  readonly dropout?: number;
}

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
        "Leave dropout out, or take 'wrn-28-10'.",
    );
  }
  if (!(dropout >= 0 && dropout < 1)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `resnet: dropout is ${show(dropout)}. Give a number of at least 0 and below 1.`,
    );
  }
}
