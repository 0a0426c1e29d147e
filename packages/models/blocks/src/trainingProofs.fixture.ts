import { RandomStream } from '@flatmin/core';
import type { Model } from '@flatmin/core/plugin';
import { table, tableDataSet } from '@flatmin/data';
import { sam } from '@flatmin/sam';
import { decodeCheckpoint, disposeCheckpoint, encodeCheckpoint, train, type TrainOptions } from '@flatmin/training';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Subject } from './modelProofs.fixture.js';
import { valuesOf } from './testing.fixture.js';

/** 20 examples that differ from their class's mean image by noise. */
function dataOf({ inputShape, classes }: Subject) {
  const [count, pixels] = [20, inputShape.reduce((product, size) => product * size, 1)];
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  const [means, noise] = [7, 8].map((seed) => new RandomStream(seed).normals(count * pixels)) as [
    Float64Array,
    Float64Array,
  ];
  const features = Float32Array.from(noise, (value, i) => {
    const label = labels[Math.floor(i / pixels)] as number;
    return 0.3 * value + (means[label * pixels + (i % pixels)] as number);
  });
  const rows = table({ features, labels, inputShape, classes });
  return tableDataSet({ id: 'proof', train: rows, testFraction: 0.2, choice: { validation: 0.2, seed: 1 } });
}

async function run(subject: Subject, more: Partial<TrainOptions>) {
  const model = subject.create();
  const optimizer = sam({ rho: 0.05, base: { use: 'momentum', learningRate: 0.02, momentum: 0.9 } });
  const options = { dataset: dataOf(subject), model, optimizer, epochs: 3, batchSize: 6, seed: 2 };
  const { history } = await train({ ...options, learningRate: { schedule: 'cosine' }, ...more });
  const values = model.variables.flatMap(valuesOf);
  optimizer.dispose();
  model.dispose();
  return { values, losses: history.map(({ loss }) => loss) };
}

/**
 * The training loop lowers the loss, and a rebuilt model that goes on from a checkpoint ends with the same bits:
 * statistics too.
 */
export async function checkTraining(subject: Subject): Promise<void> {
  const files: Uint8Array[] = [];
  const store = {
    place: 'memory',
    save: async (given: Parameters<typeof encodeCheckpoint>[0]) => void files.push(await encodeCheckpoint(given)),
  };
  const whole = await run(subject, { checkpoints: store });
  expect(whole.losses[2]).toBeLessThan(whole.losses[0] as number);
  const resume = decodeCheckpoint(files[0] as Uint8Array, 'memory');
  const rest = await run(subject, { resume });
  disposeCheckpoint(resume);
  expect(rest.losses).toEqual(whole.losses); // The history of the whole run is part of its checkpoint.
  expect(rest.values).toEqual(whole.values);
}

/** A step of SAM, which passes twice, moves what the forward pass moves as one pass at the first weights does. */
export function checkStatistics(subject: Subject): void {
  const statistics = (pass: (model: Model, x: tf.Tensor) => void): number[] => {
    const model = subject.create();
    const x = new RandomStream(4).normal([6, ...subject.inputShape]);
    pass(model, x);
    const values = model.variables.filter(({ trainable }) => !trainable).flatMap(valuesOf);
    x.dispose();
    model.dispose();
    return values;
  };
  const apply = (model: Model, x: tf.Tensor) => model.apply(x, { training: true });
  const once = statistics((model, x) => void apply(model, x).dispose());
  const afterStep = statistics((model, x) => {
    const optimizer = sam({ rho: 0.5, base: { use: 'sgd', learningRate: 0.1 } });
    const loss = () => tf.mean<tf.Scalar>(tf.square(tf.sub(apply(model, x), tf.range(0, subject.classes))));
    optimizer.minimize(
      loss,
      false,
      model.variables.filter(({ trainable }) => trainable),
    );
    optimizer.dispose();
  });
  expect(once.length).toBeGreaterThan(0);
  expect(afterStep).toEqual(once);
}
