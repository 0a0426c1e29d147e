import { dense, normalized, type Rows, sum, type ValueOf } from '../../blocks/src/plainLayers.fixture.js';

/** A transformer in loops over numbers, in float64, with no mask: positions that may not be read are left out. */

/** Each query with the keys and values it may read. */
function attention(queries: Rows, reads: (query: number) => { keys: Rows; values: Rows }, heads: number): Rows {
  const each = (queries[0]?.length as number) / heads;
  return queries.map((query, at) => {
    const { keys, values } = reads(at);
    return query.map((_, column) => {
      const first = Math.floor(column / each) * each;
      const scores = keys.map((key) => {
        let product = 0;
        for (let i = first; i < first + each; i++) product += (query[i] as number) * (key[i] as number);
        return Math.exp(product / Math.sqrt(each));
      });
      const total = scores.reduce((sum, score) => sum + score, 0);
      return scores.reduce((sum, score, k) => sum + (score / total) * (values[k]?.[column] as number), 0);
    });
  });
}

const columns = (rows: Rows, from: number, to: number): Rows => rows.map((row) => row.slice(from, to));

function selfAttention(rows: Rows, valueOf: ValueOf, name: string, heads: number, isCausal: boolean): Rows {
  const width = rows[0]?.length as number;
  const qkv = dense(rows, valueOf, `${name}/qkv`);
  const reads = (at: number) => {
    const read = isCausal ? qkv.slice(0, at + 1) : qkv;
    return { keys: columns(read, width, 2 * width), values: columns(read, 2 * width, 3 * width) };
  };
  return dense(attention(columns(qkv, 0, width), reads, heads), valueOf, `${name}/out`);
}

function crossAttention(rows: Rows, memory: Rows, valueOf: ValueOf, name: string, heads: number): Rows {
  const width = rows[0]?.length as number;
  const kv = dense(memory, valueOf, `${name}/kv`);
  const read = { keys: columns(kv, 0, width), values: columns(kv, width, 2 * width) };
  return dense(
    attention(dense(rows, valueOf, `${name}/q`), () => read, heads),
    valueOf,
    `${name}/out`,
  );
}

function mlp(rows: Rows, valueOf: ValueOf, name: string): Rows {
  const hidden = dense(rows, valueOf, `${name}/mlp1`).map((row) => row.map((value) => Math.max(value, 0)));
  return dense(hidden, valueOf, `${name}/mlp2`);
}

/** sqrt(width) embedding + sin and cos of position / 10000^(i / (width / 2 - 1)), positions from 1. */
function embedded(ids: readonly number[], valueOf: ValueOf, name: string, width: number): Rows {
  const table = valueOf(`${name}/embeddings`);
  const half = width / 2;
  return ids.map((id, at) =>
    Array.from({ length: width }, (_, i) => {
      const angle = (at + 1) / 10_000 ** ((i % half) / (half - 1));
      return Math.sqrt(width) * (table[id * width + i] as number) + (i < half ? Math.sin(angle) : Math.cos(angle));
    }),
  );
}

/** The logits of what follows each token of `target`, given a source without padding. */
export function plainTransformer(
  { source, target }: { source: readonly number[]; target: readonly number[] },
  valueOf: ValueOf,
  { width, heads, encoderLayers, decoderLayers }: Record<'width' | 'heads' | 'encoderLayers' | 'decoderLayers', number>,
): Rows {
  let memory = embedded(source, valueOf, 'encoder', width);
  for (let layer = 1; layer <= encoderLayers; layer++) {
    const name = `encoder/layer${layer}`;
    const changed = sum(memory, selfAttention(memory, valueOf, `${name}/attention`, heads, false));
    memory = normalized(changed, valueOf, `${name}/norm1`);
    memory = normalized(sum(memory, mlp(memory, valueOf, name)), valueOf, `${name}/norm2`);
  }
  let rows = embedded(target, valueOf, 'decoder', width);
  for (let layer = 1; layer <= decoderLayers; layer++) {
    const name = `decoder/layer${layer}`;
    const changed = sum(rows, selfAttention(rows, valueOf, `${name}/attention`, heads, true));
    rows = normalized(changed, valueOf, `${name}/norm1`);
    rows = normalized(
      sum(rows, crossAttention(rows, memory, valueOf, `${name}/cross`, heads)),
      valueOf,
      `${name}/norm2`,
    );
    rows = normalized(sum(rows, mlp(rows, valueOf, name)), valueOf, `${name}/norm3`);
  }
  const table = valueOf('decoder/embeddings');
  return rows.map((row) =>
    Array.from({ length: table.length / width }, (_, id) =>
      row.reduce((total, value, i) => total + value * (table[id * width + i] as number), 0),
    ),
  );
}
