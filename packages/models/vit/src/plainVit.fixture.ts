/** A vision transformer in loops over numbers, in float64: what the model is checked against. */

type Rows = number[][];
/** The values of a variable by the end of its name. */
export type ValueOf = (name: string) => readonly number[];

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

function dense(rows: Rows, valueOf: ValueOf, name: string): Rows {
  const [kernel, bias] = [valueOf(`${name}/kernel`), valueOf(`${name}/bias`)];
  return rows.map((row) =>
    bias.map((start, out) =>
      row.reduce((sum, value, i) => sum + value * (kernel[i * bias.length + out] as number), start),
    ),
  );
}

function normalized(rows: Rows, valueOf: ValueOf, name: string): Rows {
  const [gamma, beta] = [valueOf(`${name}/gamma`), valueOf(`${name}/beta`)];
  return rows.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map(
      (value, i) => ((value - mean) / Math.sqrt(variance + 1e-6)) * (gamma[i] as number) + (beta[i] as number),
    );
  });
}

function attention(rows: Rows, valueOf: ValueOf, name: string, heads: number): Rows {
  const width = rows[0]?.length as number;
  const each = width / heads;
  const qkv = dense(rows, valueOf, `${name}/qkv`);
  const part = (row: number[], which: number, head: number) =>
    row.slice(which * width + head * each, which * width + (head + 1) * each);
  const mixed = qkv.map((at) =>
    Array.from({ length: heads }, (_, head) => {
      const weights = qkv.map((other) => Math.exp(dot(part(at, 0, head), part(other, 1, head)) / Math.sqrt(each)));
      const total = weights.reduce((sum, value) => sum + value, 0);
      return Array.from({ length: each }, (_, i) =>
        qkv.reduce((sum, other, k) => sum + ((weights[k] as number) / total) * (part(other, 2, head)[i] as number), 0),
      );
    }).flat(),
  );
  return dense(mixed, valueOf, `${name}/out`);
}

/** erf by its series, to float64 for the small numbers here. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const gelu = (x: number): number => (x * (1 + erf(x / Math.SQRT2))) / 2;
const sum = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((value, j) => value + (b[i]?.[j] as number)));

/** The rows of an image [side, side, channels], patch by patch from the upper left: within one, rows, columns, channels. */
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
