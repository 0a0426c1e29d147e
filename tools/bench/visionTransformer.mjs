import * as tf from '@tensorflow/tfjs';

/** The variables of the network, in the order they are made. */
function variablesOf({ patches, pixels, width, depth, classes }) {
  const all = [];
  const keep = (name, value) => {
    const made = tf.variable(value, true, name);
    value.dispose();
    all.push(made);
    return made;
  };
  const normal = (shape, deviation) => tf.randomNormal(shape, 0, deviation, 'float32', all.length + 1);
  const dense = (name, from, to) => ({
    kernel: keep(`${name}/kernel`, normal([from, to], Math.sqrt(1 / from))),
    bias: keep(`${name}/bias`, tf.zeros([to])),
  });
  const norm = (name) => ({
    gamma: keep(`${name}/gamma`, tf.ones([width])),
    beta: keep(`${name}/beta`, tf.zeros([width])),
  });
  const block = (i) => ({
    before: norm(`block${i}/norm1`),
    qkv: dense(`block${i}/qkv`, width, 3 * width),
    project: dense(`block${i}/project`, width, width),
    between: norm(`block${i}/norm2`),
    widen: dense(`block${i}/widen`, width, 4 * width),
    narrow: dense(`block${i}/narrow`, 4 * width, width),
  });
  return {
    all,
    embed: dense('embed', pixels, width),
    position: keep('position/embeddings', normal([patches, width], 0.02)),
    blocks: Array.from({ length: depth }, (_, i) => block(i)),
    last: norm('norm'),
    head: dense('head', width, classes),
  };
}

/** Rows [n * patches, from] through a dense layer: one matMul, whatever the batch. */
const through = ({ kernel, bias }, rows) => tf.add(tf.matMul(rows, kernel), bias);

function normalized({ gamma, beta }, rows) {
  const { mean, variance } = tf.moments(rows, 1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(rows, mean), tf.rsqrt(tf.add(variance, 1e-6))), gamma), beta);
}

function attention(rows, { n, patches, width, heads }) {
  const split = tf.transpose(tf.reshape(rows, [n, patches, 3, heads, width / heads]), [2, 0, 3, 1, 4]);
  const [query, key, value] = tf.unstack(split);
  const scores = tf.mul(tf.matMul(query, key, false, true), Math.sqrt(heads / width));
  const mixed = tf.matMul(tf.softmax(scores), value);
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [n * patches, width]);
}

/**
 * A small pre-norm vision transformer in TensorFlow.js ops: patches, a learned position each, attention and an MLP of
 * four times the width in each block, the mean over patches into a dense layer.
 */
export function visionTransformer({ side, patch, width, depth, heads, classes }) {
  const grid = side / patch;
  const patches = grid * grid;
  const pixels = patch * patch * 3;
  const { all, embed, position, blocks, last, head } = variablesOf({ patches, pixels, width, depth, classes });
  const apply = (x) => {
    const n = x.shape[0];
    const cut = tf.transpose(tf.reshape(x, [n, grid, patch, grid, patch * 3]), [0, 1, 3, 2, 4]);
    const embedded = tf.reshape(through(embed, tf.reshape(cut, [n * patches, pixels])), [n, patches, width]);
    let rows = tf.reshape(tf.add(embedded, position), [n * patches, width]);
    for (const { before, qkv, project, between, widen, narrow } of blocks) {
      const mixed = attention(through(qkv, normalized(before, rows)), { n, patches, width, heads });
      rows = tf.add(rows, through(project, mixed));
      rows = tf.add(rows, through(narrow, tf.relu(through(widen, normalized(between, rows)))));
    }
    const pooled = tf.mean(tf.reshape(normalized(last, rows), [n, patches, width]), 1);
    return through(head, pooled);
  };
  return { variables: all, statistics: [], apply, dispose: () => tf.dispose(all) };
}
