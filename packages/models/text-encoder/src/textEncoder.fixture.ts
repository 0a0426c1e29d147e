import { type Model, type ModelContext, RandomStream, type Vocabulary } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { valuesOf } from '../../blocks/src/testing.fixture.js';
import { textEncoder, type TextEncoderOptions } from './index.js';

/** A vocabulary of which models read the size alone. */
export const vocabularyOf = (size: number): Vocabulary => ({ size, tokens: [], idOf: () => 3 });

export const attentions = ['bert', 'disentangled'] as const;

export const tiny = { width: 6, depth: 2, heads: 3, mlpRatio: 2, positions: 8, dropout: 0 } as const;

export const contextOf = (more: Partial<ModelContext> = {}): ModelContext => ({
  inputShape: [5],
  classes: 3,
  vocabulary: vocabularyOf(9),
  random: new RandomStream(1),
  ...more,
});

const living: Model[] = [];

export function create(options: TextEncoderOptions, more?: Partial<ModelContext>): Model {
  const model = textEncoder(options, contextOf(more));
  living.push(model);
  return model;
}

export function disposeModels(): void {
  for (const model of living.splice(0)) model.dispose();
}

/** Each variable gets normal numbers of its own, gamma around 1: so that no part of the network is idle. */
export function shake(model: Model): Model {
  model.variables.forEach((variable, i) => {
    tf.tidy(() => {
      const noise = tf.mul(new RandomStream(i).normal(variable.shape), 0.5);
      variable.assign(variable.name.endsWith('gamma') ? tf.add(noise, 1) : noise);
    });
  });
  return model;
}

export const valueOf = (model: Model) => (name: string) =>
  valuesOf(model.variables.find((variable) => variable.name.endsWith(name)) as tf.Variable);

export const idsOf = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(rows.map((row) => [...row]), undefined, 'int32'); // prettier-ignore

/** Ids 1 to 8, where some are `end` (2), and padding behind some. */
export function randomIds(random: RandomStream, size: number, length = 5): tf.Tensor {
  const values = Array.from(random.uniforms(size * length), (value, i) => (i % (2 * length) === length - 1 ? 0 : 1 + Math.floor(8 * value))); // prettier-ignore
  return tf.tensor2d(values, [size, length], 'int32');
}
