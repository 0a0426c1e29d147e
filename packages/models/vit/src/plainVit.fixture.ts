import {
  attention,
  dense,
  gelu,
  normalized,
  type Rows,
  sum,
  type ValueOf,
} from '../../blocks/src/plainLayers.fixture.js';

/** A vision transformer in loops over numbers, in float64: what the model is checked against. */

/**
 * The rows of an image [side, side, channels], patch by patch from the upper left: within one, rows, columns, channels.
 */
function patchesOf(image: readonly number[], side: number, patch: number, channels: number): Rows {
  const rows: Rows = [];
  for (let top = 0; top < side; top += patch) {
    for (let left = 0; left < side; left += patch) {
      const row: number[] = [];
      for (let y = top; y < top + patch; y++) {
        for (let x = left; x < left + patch; x++) {
          for (let c = 0; c < channels; c++) row.push(image[(y * side + x) * channels + c] as number);
        }
      }
      rows.push(row);
    }
  }
  return rows;
}

/** The logits of one image. */
export function plainVit(
  image: readonly number[],
  valueOf: ValueOf,
  sizes: { side: number; channels: number; patch: number; depth: number; heads: number },
): readonly number[] {
  const { side, channels, patch, depth, heads } = sizes;
  const embedded = dense(patchesOf(image, side, patch, channels), valueOf, 'patch');
  const tokens = [[...valueOf('class/embedding')], ...embedded];
  const positions = valueOf('position/embeddings');
  const width = tokens[0]?.length as number;
  let rows = tokens.map((row, i) => row.map((value, j) => value + (positions[i * width + j] as number)));
  for (let block = 1; block <= depth; block++) {
    const name = (part: string) => `block${block}/${part}`;
    rows = sum(rows, attention(normalized(rows, valueOf, name('norm1')), valueOf, name('attention'), heads));
    const hidden = dense(normalized(rows, valueOf, name('norm2')), valueOf, name('mlp1'));
    rows = sum(rows, dense(hidden.map((row) => row.map(gelu)), valueOf, name('mlp2'))); // prettier-ignore
  }
  return dense(normalized(rows.slice(0, 1), valueOf, 'vit/norm'), valueOf, 'head')[0] as number[];
}
