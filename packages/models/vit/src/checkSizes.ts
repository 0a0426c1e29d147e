import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import type { ImageShape } from '@flatmin/model-blocks';
import type { VitSizes } from './encoder.js';

/** Refuses sizes that fit no transformer, or not these images. */
export function checkSizes(sizes: VitSizes, { height, width: imageWidth }: ImageShape): void {
  const refuse = (what: string, remedy: string): never => {
    throw new FlatminError('SPEC_INVALID', `vit: ${what}. ${remedy}`);
  };
  const { patch, width, heads, mlpRatio, dropout } = sizes;
  for (const name of ['patch', 'width', 'depth', 'heads'] as const) {
    const value = sizes[name];
    if (!Number.isInteger(value) || value < 1) refuse(`${name} is ${show(value)}`, 'Give an integer of at least 1.');
  }
  if (!(dropout >= 0 && dropout < 1)) refuse(`dropout is ${show(dropout)}`, 'Give a number of at least 0 and below 1.');
  const hidden = mlpRatio * width;
  if (!Number.isInteger(hidden) || hidden < 1) {
    refuse(`mlpRatio ${show(mlpRatio)} times width ${width} is ${hidden}`, 'Give a ratio that makes it an integer.');
  }
  if (width % heads !== 0)
    refuse(`width ${width} is not a multiple of heads ${heads}`, 'Give heads that divide width.');
  if (height % patch !== 0 || imageWidth % patch !== 0) {
    refuse(
      `patches of ${patch}x${patch} do not fill images of ${height}x${imageWidth}`,
      'Give a patch that divides both sides, such as 4 for 32x32 and 28x28.',
    );
  }
}
