import {
  type Dropout,
  dropout,
  gelu,
  type ImageShape,
  layerNorm,
  linear,
  selfAttention,
  type Sequences,
  truncatedNormal,
  type Weights,
} from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';

export interface VitSizes {
  readonly patch: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly mlpRatio: number;
  readonly dropout: number;
}

const initial = truncatedNormal(0.02);

/** The whole forward pass, from images to logits. */
export function encoder(
  weights: Weights,
  sizes: VitSizes,
  image: ImageShape,
  classes: number,
): (x: tf.Tensor4D, training: boolean) => tf.Tensor2D {
  const { width, depth } = sizes;
  const embed = embedding(weights, sizes, image);
  const blocks = Array.from({ length: depth }, (_, i) => block(weights.at(`block${i + 1}`), sizes));
  const drop = dropout(weights.at('dropout'), sizes.dropout);
  const norm = layerNorm(weights.at('norm'), width);
  const head = linear(weights.at('head'), { inputs: width, outputs: classes, initial });
  return (x, training) => {
    const embedded = embed(x);
    const first = { ...embedded, rows: drop(embedded.rows, training) as tf.Tensor2D };
    const { rows, batch, length } = blocks.reduce((sequences, each) => each(sequences, training), first);
    const ofClass = tf.slice(tf.reshape(rows, [batch, length, width]), [0, 0, 0], [batch, 1, width]);
    // Rows are normalized one by one, so the other positions need not be.
    return head(norm(tf.reshape(ofClass, [batch, width])));
  };
}

/** Images as sequences: the class token and the patches, each with what stands for its position. */
function embedding(
  weights: Weights,
  { patch, width }: VitSizes,
  { height, width: imageWidth, channels }: ImageShape,
): (x: tf.Tensor4D) => Sequences {
  const [down, across] = [height / patch, imageWidth / patch];
  const patches = down * across;
  const pixels = patch * patch * channels;
  const project = linear(weights.at('patch'), { inputs: pixels, outputs: width, initial });
  const token = weights.trained('class/embedding', [1, width], initial);
  const positions = weights.trained('position/embeddings', [patches + 1, width], initial);
  return (x) => {
    const batch = x.shape[0];
    const cut = tf.transpose(tf.reshape(x, [batch, down, patch, across, patch * channels]), [0, 1, 3, 2, 4]);
    const rows = project(tf.reshape(cut, [batch * patches, pixels]));
    // Not tf.tile, whose gradient takes two ops for each copy.
    const tokens = tf.reshape(tf.matMul(tf.ones<tf.Rank.R2>([batch, 1]), token), [batch, 1, width]);
    const sequences = tf.add(tf.concat([tokens, tf.reshape(rows, [batch, patches, width])], 1), positions);
    const length = patches + 1;
    return { rows: tf.reshape(sequences, [batch * length, width]), batch, length };
  };
}

type Block = (sequences: Sequences, training: boolean) => Sequences;

/** z += drop(attention(norm(z))); z += drop(mlp(norm(z))), and what is hidden in the MLP is dropped out as well. */
function block(weights: Weights, { width, heads, mlpRatio, dropout: rate }: VitSizes): Block {
  const hidden = mlpRatio * width;
  const norm1 = layerNorm(weights.at('norm1'), width);
  const attend = selfAttention(weights.at('attention'), { width, heads, initial });
  const norm2 = layerNorm(weights.at('norm2'), width);
  const widen = linear(weights.at('mlp1'), { inputs: width, outputs: hidden, initial });
  const narrow = linear(weights.at('mlp2'), { inputs: hidden, outputs: width, initial });
  const [drop1, dropHidden, drop2] = ['dropout1', 'hidden', 'dropout2'].map((name) => dropout(weights.at(name), rate)) as [Dropout, Dropout, Dropout]; // prettier-ignore
  return (sequences, training) => {
    const attended = drop1(attend({ ...sequences, rows: norm1(sequences.rows) }), training);
    const rows = tf.add<tf.Tensor2D>(sequences.rows, attended);
    const inner = dropHidden(gelu(widen(norm2(rows))), training) as tf.Tensor2D;
    return { ...sequences, rows: tf.add(rows, drop2(narrow(inner), training)) };
  };
}
