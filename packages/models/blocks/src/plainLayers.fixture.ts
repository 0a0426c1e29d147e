/** Layers in loops over numbers, in float64: what models are checked against. */

export type Rows = number[][];
/** The values of a variable by the end of its name. */
export type ValueOf = (name: string) => readonly number[];

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Without `bias` where the layer has none. */
export function dense(rows: Rows, valueOf: ValueOf, name: string, hasBias = true): Rows {
  const kernel = valueOf(`${name}/kernel`);
  const outputs = kernel.length / (rows[0]?.length as number);
  const bias = hasBias ? valueOf(`${name}/bias`) : new Array<number>(outputs).fill(0);
  return rows.map((row) =>
    bias.map((start, out) =>
      row.reduce((sum, value, i) => sum + value * (kernel[i * bias.length + out] as number), start),
    ),
  );
}

export function normalized(rows: Rows, valueOf: ValueOf, name: string): Rows {
  const [gamma, beta] = [valueOf(`${name}/gamma`), valueOf(`${name}/beta`)];
  return rows.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map(
      (value, i) => ((value - mean) / Math.sqrt(variance + 1e-6)) * (gamma[i] as number) + (beta[i] as number),
    );
  });
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

export const gelu = (x: number): number => (x * (1 + erf(x / Math.SQRT2))) / 2;
export const sum = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((value, j) => value + (b[i]?.[j] as number)));

/** The sum of rows by the softmax of scores. */
export function softmaxMean(scores: readonly number[], rows: Rows): number[] {
  const shares = scores.map(Math.exp);
  const total = shares.reduce((sum, share) => sum + share, 0);
  return (rows[0] as number[]).map((_, i) =>
    rows.reduce((sum, row, k) => sum + ((shares[k] as number) / total) * (row[i] as number), 0),
  );
}

/** Of each row the columns of one head: part `which` of several side by side, each `width` wide. */
export function headOf(rows: Rows, which: number, width: number, head: number, heads: number): Rows {
  const each = width / heads;
  return rows.map((row) => row.slice(which * width + head * each, which * width + (head + 1) * each));
}

/** Self-attention, of the positions that each may read. */
export function attention(
  rows: Rows,
  valueOf: ValueOf,
  name: string,
  heads: number,
  mayRead: (query: number, key: number) => boolean = () => true,
): Rows {
  const width = rows[0]?.length as number;
  const qkv = dense(rows, valueOf, `${name}/qkv`);
  const scale = 1 / Math.sqrt(width / heads);
  const mixed = qkv.map((_, i) =>
    Array.from({ length: heads }, (_, head) => {
      const [queries, keys, values] = [0, 1, 2].map((part) => headOf(qkv, part, width, head, heads)) as [
        Rows,
        Rows,
        Rows,
      ];
      const scores = keys.map((key, j) => (mayRead(i, j) ? scale * dot(queries[i] as number[], key) : -Infinity));
      return softmaxMean(scores, values);
    }).flat(),
  );
  return dense(mixed, valueOf, `${name}/out`);
}
