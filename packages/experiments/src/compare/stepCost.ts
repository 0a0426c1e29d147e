import { type FlatminContainer, RandomStream, type Spec } from '@flatmin/core';
import type { ClassificationDataSet, DataPart, Model } from '@flatmin/core/plugin';
import { train } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';
import { canonical } from '../cells/identity.js';
import { heldOutLoss } from '../run/heldOutLoss.js';

const [examples, inputs, classes, batchSize, epochs] = [256, 8, 4, 32, 8];

/** Options that say how far a step goes, or looks: how many gradients it takes is not decided by them, unless by 0. */
const lengths = new Set(['rho', 'learningRate', 'momentum', 'weightDecay']);

/** The same for optimizers whose steps cost the same, so that a sweep over radii measures one of them. */
export function costKey(spec: Spec): string {
  const withoutLengths = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withoutLengths);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(
      ([name, each]) => !(lengths.has(name) && typeof each === 'number' && each > 0),
    );
    return Object.fromEntries(kept.map(([name, each]) => [name, withoutLengths(each)]));
  };
  return canonical(withoutLengths(spec));
}

/**
 * What a step of an optimizer costs, in gradient evaluations: the mean over 64 steps on a small net. What a gate costs
 * that goes by the gradients depends on the task a little, and a method that changes after more steps is not seen to:
 * what its run spends in the end is in the table.
 */
export async function stepCost(spec: Spec, container: FlatminContainer): Promise<number> {
  const dataset = clouds();
  const model = smallNet();
  const validationLoss = heldOutLoss(dataset, model, { batchSize, seed: 0 });
  await validationLoss?.load();
  const optimizer = container.createOptimizer(spec, {
    totalSteps: epochs * Math.ceil(examples / batchSize),
    ...(validationLoss && { validationLoss }),
  });
  try {
    const settings = { epochs, batchSize, dryRun: false, eager: true, evaluate: { parts: [] } };
    const { gradientEvaluations, steps } = await train({ dataset, model, optimizer, ...settings });
    return gradientEvaluations / steps;
  } finally {
    optimizer.dispose();
    validationLoss?.dispose?.();
    model.dispose();
  }
}

/** A cloud of points for each class, close enough that some are taken for others. */
function clouds(): ClassificationDataSet {
  const part = (name: string): DataPart<tf.Tensor1D> => ({
    size: examples,
    async *batches({ batchSize: size }) {
      const noise = new RandomStream(0).at(name).normals(examples * inputs);
      for (let start = 0; start < examples; start += size) {
        const count = Math.min(size, examples - start);
        const labels = Int32Array.from({ length: count }, (_, i) => (start + i) % classes);
        const values = Float32Array.from({ length: count * inputs }, (_, i) => {
          const isOwn = i % inputs === labels[Math.floor(i / inputs)];
          return (noise[start * inputs + i] as number) + (isOwn ? 1 : 0);
        });
        yield { x: tf.tensor2d(values, [count, inputs]), y: tf.tensor1d(labels, 'int32') };
      }
    },
  });
  const parts = { train: part('train'), validation: part('validation'), test: part('test') };
  return { id: 'clouds', inputShape: [inputs], classes, ...parts };
}

/** TensorFlow.js wants another name for each variable that there ever was. */
let variablesMade = 0;

/** With a parameter of each role that a variant may single out. */
function smallNet(): Model {
  const random = new RandomStream(0).at('net');
  const variable = (name: string, shape: readonly number[], values: (size: number) => Float32Array): tf.Variable => {
    const value = tf.tensor(values(tf.util.sizeFromShape([...shape])), [...shape]);
    const made = tf.variable(value, true, `${name}_${++variablesMade}`);
    value.dispose();
    return made;
  };
  const scaled = (size: number): Float32Array => Float32Array.from(random.normals(size), (each) => 0.3 * each);
  const filled = (each: number) => (size: number) => new Float32Array(size).fill(each);
  const kernel = variable('net/kernel', [inputs, 16], scaled);
  const gamma = variable('net/gamma', [16], filled(1));
  const beta = variable('net/beta', [16], filled(0));
  const output = variable('net/output/kernel', [16, classes], scaled);
  const bias = variable('net/output/bias', [classes], filled(0));
  const variables = [kernel, gamma, beta, output, bias];
  return {
    description: 'a small net',
    variables,
    apply: (x) =>
      tf.tidy(() => {
        const hidden = tf.relu(tf.add(tf.mul(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), gamma), beta));
        return tf.add(tf.matMul(hidden as tf.Tensor2D, output as tf.Tensor2D), bias);
      }),
    dispose: () => variables.forEach((each) => each.dispose()),
  };
}
