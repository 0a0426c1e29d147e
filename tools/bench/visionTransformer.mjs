import * as tf from '@tensorflow/tfjs';

/**
 * A small pre-norm vision transformer in TensorFlow.js ops: patches, a learned position each, attention and an MLP of four
 * times the width in each block, the mean over patches into a dense layer.
 */
export function visionTransformer({ side, patch, width, depth, heads, classes }) {
  const grid = side / patch;
  const patches = grid * grid;
  const pixels = patch * patch * 3;
  const variables = [];
  const variable = (name, shape, deviation) => {
    const value = tf.tidy(() =>
      typeof deviation === 'number'
        ? tf.randomNormal(shape, 0, deviation, 'float32', variables.length + 1)
        : tf[deviation](shape),
    );
    const made = tf.variable(value, true, name);
    value.dispose();
    variables.push(made);
    return made;
  };
  const dense = (name, from, to) => ({
    kernel: variable(`${name}/kernel`, [from, to], Math.sqrt(1 / from)),
    bias: variable(`${name}/bias`, [to], 'zeros'),
  });
  const norm = (name) => ({
    gamma: variable(`${name}/gamma`, [width], 'ones'),
    beta: variable(`${name}/beta`, [width], 'zeros'),
  });

  const embed = dense('embed', pixels, width);
  const position = variable('position/embeddings', [patches, width], 0.02);
  const blocks = Array.from({ length: depth }, (_, i) => ({
    before: norm(`block${i}/norm1`),
    qkv: dense(`block${i}/qkv`, width, 3 * width),
    project: dense(`block${i}/project`, width, width),
    between: norm(`block${i}/norm2`),
    widen: dense(`block${i}/widen`, width, 4 * width),
    narrow: dense(`block${i}/narrow`, 4 * width, width),
  }));
  const last = norm('norm');
  const head = dense('head', width, classes);

  /** Rows [n * patches, from] through a dense layer: one matMul, whatever the batch. */
  const through = ({ kernel, bias }, rows) => tf.add(tf.matMul(rows, kernel), bias);
  const normalized = ({ gamma, beta }, rows) => {
    const { mean, variance } = tf.moments(rows, 1, true);
    return tf.add(tf.mul(tf.mul(tf.sub(rows, mean), tf.rsqrt(tf.add(variance, 1e-6))), gamma), beta);
  };
  const attend = (rows, n) => {
    const split = tf.transpose(tf.reshape(rows, [n, patches, 3, heads, width / heads]), [2, 0, 3, 1, 4]);
    const [query, key, value] = tf.unstack(split);
    const scores = tf.mul(tf.matMul(query, key, false, true), Math.sqrt(heads / width));
    const mixed = tf.matMul(tf.softmax(scores), value);
    return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [n * patches, width]);
  };
  const toPatches = (x, n) => {
    const cut = tf.transpose(tf.reshape(x, [n, grid, patch, grid, patch * 3]), [0, 1, 3, 2, 4]);
    return tf.reshape(cut, [n * patches, pixels]);
  };
  const apply = (x) => {
    const n = x.shape[0];
    const embedded = tf.reshape(through(embed, toPatches(x, n)), [n, patches, width]);
    let rows = tf.reshape(tf.add(embedded, position), [n * patches, width]);
    for (const { before, qkv, project, between, widen, narrow } of blocks) {
      rows = tf.add(rows, through(project, attend(through(qkv, normalized(before, rows)), n)));
      rows = tf.add(rows, through(narrow, tf.relu(through(widen, normalized(between, rows)))));
    }
    const pooled = tf.mean(tf.reshape(normalized(last, rows), [n, patches, width]), 1);
    return through(head, pooled);
  };
  return { variables, statistics: [], apply, dispose: () => tf.dispose(variables) };
}
