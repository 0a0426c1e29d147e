import {
  attention,
  dense,
  dot,
  gelu,
  headOf,
  normalized,
  type Rows,
  softmaxMean,
  sum,
  type ValueOf,
} from '../../blocks/src/plainLayers.fixture.js';

/** The text encoder in loops over numbers, in float64, for one text: what the model is checked against. */

export interface PlainSizes {
  readonly attention: 'bert' | 'disentangled';
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly positions: number;
}

type MayRead = (query: number, key: number) => boolean;

const rowsOf = (values: readonly number[], width: number): Rows =>
  Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));

/** delta of the paper. */
function delta(i: number, j: number, k: number): number {
  if (i - j <= -k) return 0;
  return i - j >= k ? 2 * k - 1 : i - j + k;
}

/** Equation 4 of He et al. 2021, pair by pair. */
function disentangled(
  rows: Rows,
  valueOf: ValueOf,
  name: string,
  { width, heads, positions }: PlainSizes,
  mayRead: MayRead,
): Rows {
  const part =
    (of: string, from: Rows, hasBias = true) =>
    (head: number) =>
      headOf(dense(from, valueOf, `${name}/${of}`, hasBias), 0, width, head, heads);
  const distances = rowsOf(valueOf('distance/embeddings'), width);
  const [query, value] = [part('query', rows), part('value', rows)];
  const key = part('key', rows, false);
  const [keyOfDistance, queryOfDistance] = [part('distance_key', distances, false), part('distance_query', distances)];
  const scale = 1 / Math.sqrt((3 * width) / heads);
  const byHead = Array.from({ length: heads }, (_, head) => {
    const [qc, kc, vc, kr, qr] = [query, key, value, keyOfDistance, queryOfDistance].map((of) => of(head)) as [Rows, Rows, Rows, Rows, Rows]; // prettier-ignore
    return qc.map((q, i) => {
      const scores = kc.map((k, j) => {
        if (!mayRead(i, j)) return -Infinity;
        const contentToPosition = dot(q, kr[delta(i, j, positions)] as number[]);
        const positionToContent = dot(k, qr[delta(j, i, positions)] as number[]);
        return scale * (dot(q, k) + contentToPosition + positionToContent);
      });
      return softmaxMean(scores, vc);
    });
  });
  return dense(rows.map((_, i) => byHead.flatMap((head) => head[i] as number[])), valueOf, `${name}/out`); // prettier-ignore
}

function embedded(
  ids: readonly number[],
  valueOf: ValueOf,
  { attention: kind, width }: PlainSizes,
  hasSegments: boolean,
): Rows {
  const tables = Object.fromEntries(
    ['token', ...(kind === 'bert' ? ['position'] : []), ...(hasSegments ? ['segment'] : [])].map((name) => [name, rowsOf(valueOf(`${name}/embeddings`), width)]), // prettier-ignore
  );
  const first = ids.indexOf(2);
  return ids.map((id, place) => {
    const segment = first >= 0 && place > first ? 1 : 0;
    return [tables['token']?.[id], tables['position']?.[place], tables['segment']?.[segment]]
      .filter((row) => row !== undefined)
      .reduce((total, row) => total.map((value, i) => value + (row[i] as number)));
  });
}

function encoded(
  ids: readonly number[],
  valueOf: ValueOf,
  sizes: PlainSizes,
  mayRead: MayRead,
  hasSegments: boolean,
): Rows {
  const { heads, depth } = sizes;
  let rows = normalized(embedded(ids, valueOf, sizes, hasSegments), valueOf, 'text-encoder/norm');
  for (let block = 1; block <= depth; block++) {
    const name = (part: string) => `block${block}/${part}`;
    const read =
      sizes.attention === 'bert'
        ? attention(rows, valueOf, name('attention'), heads, mayRead)
        : disentangled(rows, valueOf, name('attention'), sizes, mayRead);
    rows = normalized(sum(rows, read), valueOf, name('norm1'));
    const hidden = dense(rows, valueOf, name('mlp1')).map((row) => row.map(gelu));
    rows = normalized(sum(rows, dense(hidden, valueOf, name('mlp2'))), valueOf, name('norm2'));
  }
  return rows;
}

/** Outputs for a text without padding. */
export function plainOutputs(ids: readonly number[], valueOf: ValueOf, sizes: PlainSizes): readonly number[] {
  const rows = encoded([1, ...ids], valueOf, sizes, () => true, sizes.attention === 'bert');
  const pooled = dense(rows.slice(0, 1), valueOf, 'pooler').map((row) =>
    row.map(sizes.attention === 'bert' ? Math.tanh : gelu),
  );
  return dense(pooled, valueOf, 'head')[0] as number[];
}

/** Logits at each position of a text. */
export function plainLogits(ids: readonly number[], valueOf: ValueOf, sizes: PlainSizes): readonly number[] {
  const rows = encoded(ids, valueOf, sizes, (query, key) => key <= query, false);
  const hidden = dense(rows, valueOf, 'transform').map((row) => row.map(gelu));
  const tokens = rowsOf(valueOf('token/embeddings'), sizes.width);
  const bias = valueOf('head/bias');
  return normalized(hidden, valueOf, 'transform/norm').flatMap((row) =>
    tokens.map((token, id) => dot(row, token) + (bias[id] as number)),
  );
}
