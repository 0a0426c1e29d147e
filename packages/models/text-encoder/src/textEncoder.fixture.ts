import { RandomStream } from '@flatmin/core';
import type { Model, ModelContext } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { living, vocabularyOf } from '../../blocks/src/testing.fixture.js';
import { textEncoder, type TextEncoderOptions } from './index.js';

export const attentions = ['bert', 'disentangled'] as const;

export const tiny = { width: 6, depth: 2, heads: 3, mlpRatio: 2, positions: 8, dropout: 0 } as const;

export const contextOf = (more: Partial<ModelContext> = {}): ModelContext => ({
  inputShape: [5],
  classes: 3,
  vocabulary: vocabularyOf(9),
  random: new RandomStream(1),
  ...more,
});

export function create(options: TextEncoderOptions, more?: Partial<ModelContext>): Model {
  return living(textEncoder(options, contextOf(more)));
}

export const idsOf = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(rows.map((row) => [...row]), undefined, 'int32'); // prettier-ignore

/** Ids 1 to 8, where some are `end` (2), and padding behind some. */
export function randomIds(random: RandomStream, size: number, length = 5): tf.Tensor {
  const values = Array.from(random.uniforms(size * length), (value, i) => (i % (2 * length) === length - 1 ? 0 : 1 + Math.floor(8 * value))); // prettier-ignore
  return tf.tensor2d(values, [size, length], 'int32');
}
