import { createContainer, RandomStream, type SharpnessAwareOptimizer, type Spec } from '@flatmin/core';
import type { ClassificationDataSet, Model } from '@flatmin/core/plugin';
import { table, tableDataSet } from '@flatmin/data';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import type { CheckpointStore } from '../checkpoint/checkpoint.js';
import { encodeCheckpoint } from '../checkpoint/checkpointFormat.js';
import type { TrainOptions, TrainResult } from './options.js';
import { train } from './train.js';

/** 60 points in the plane, three classes by angle, with some noise: learnt in a few epochs of a few milliseconds. */
export function tinyDataSet(): ClassificationDataSet {
  const random = new RandomStream(5);
  const noise = random.at('noise').normals(120);
  const labels = Int32Array.from({ length: 60 }, (_, i) => i % 3);
  const features = Float32Array.from({ length: 120 }, (_, i) => {
    const angle = (2 * Math.PI * (labels[i >> 1] as number)) / 3;
    return (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + 0.3 * (noise[i] as number);
  });
  const rows = table({ features, labels, inputShape: [2], classes: 3 });
  return tableDataSet({ id: 'tiny', train: rows, testFraction: 0.2, choice: { validation: 0.2, seed: 1 } });
}

/** A network 2-8-3. */
export function tinyModel(): Model {
  const random = new RandomStream(0);
  const hidden = tf.tidy(() => tf.variable(random.at('hidden').normal([2, 8])));
  const output = tf.tidy(() => tf.variable(tf.mul(random.at('output').normal([8, 3]), 0.3)));
  return {
    description: 'a network 2-8-3',
    variables: [hidden, output],
    apply: (x) => tf.matMul(tf.relu(tf.matMul(x, hidden)), output),
    dispose: () => tf.dispose([hidden, output]),
  };
}

const container = createContainer({ plugins: [samPlugin] });
const momentum = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
export function tinyOptimizer(spec: Spec = { use: 'sam', rho: 0.1, base: momentum }): SharpnessAwareOptimizer {
  return container.createOptimizer(spec);
}

export interface Trained extends TrainResult {
  readonly weights: readonly (readonly number[])[];
}

/** 36 training examples, so five steps an epoch, the last of four examples; three epochs. */
export async function trainTiny(options: Partial<TrainOptions> = {}): Promise<Trained> {
  const settings = { dataset: tinyDataSet(), epochs: 3, batchSize: 8, seed: 3 } as const;
  const model = options.model ?? tinyModel();
  const optimizer = options.optimizer ?? tinyOptimizer();
  try {
    const result = await train({ ...settings, ...options, model, optimizer });
    return { ...result, weights: model.variables.map((variable) => [...variable.dataSync()]) };
  } finally {
    if (options.model === undefined) model.dispose();
    if (options.optimizer === undefined) (optimizer as SharpnessAwareOptimizer).dispose();
  }
}

/** What of a run may not depend on time. */
export function timeless<T extends { readonly seconds: number }>(result: T): Omit<T, 'seconds'> {
  return { ...result, seconds: 0 };
}

/** Keeps what a file would. */
export function memoryStore(): CheckpointStore & { readonly files: Uint8Array[] } {
  const files: Uint8Array[] = [];
  return { place: 'memory', files, save: async (checkpoint) => void files.push(await encodeCheckpoint(checkpoint)) };
}
