import { FlatminError, inUnitOfData } from '@flatmin/core';
import { type DataSet, type Model, taskOf, type UnlabelledExamples } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** What a model says of an example. */
export interface Prediction {
  /** A file, or the number of a row, from 1. */
  readonly example: string;
  /** The name of a class, a number in the unit of the data, or the tokens of a sequence. */
  readonly prediction: string | number;
  /** Of a classification: that of each class, in their order. */
  readonly probabilities?: readonly number[];
}

type Answer = Omit<Prediction, 'example'>;

/** The names of the classes of a data set; their numbers where they have none. */
export function classNamesOf(dataset: DataSet): readonly string[] {
  const names = 'classNames' in dataset ? dataset.classNames : undefined;
  return names ?? Array.from({ length: dataset.classes }, (_, label) => `${label}`);
}

/** A part of the data set itself, without its targets. */
export function examplesOfPart(dataset: DataSet, part: 'train' | 'validation' | 'test'): UnlabelledExamples {
  const { size } = dataset[part];
  return {
    size,
    nameOf: (index) => `${index + 1}`,
    async *batches(options) {
      for await (const { x, y } of dataset[part].batches(options)) {
        y.dispose();
        yield x;
      }
    },
  };
}

/** What a model says of examples, in their order; holds one batch. */
export async function* predictions(
  model: Model<tf.Tensor>,
  dataset: DataSet,
  examples: UnlabelledExamples,
  batchSize: number,
): AsyncGenerator<Prediction> {
  const answer = answersOf(model, dataset);
  let index = 0;
  for await (const x of examples.batches({ batchSize })) {
    const answers = await answer(x).finally(() => x.dispose());
    for (const each of answers) yield { example: examples.nameOf(index++), ...each };
  }
}

function answersOf(model: Model<tf.Tensor>, dataset: DataSet): (x: tf.Tensor) => Promise<readonly Answer[]> {
  const task = taskOf(dataset);
  if (task === 'classification') return (x) => classes(model, x, classNamesOf(dataset));
  if (task === 'regression') {
    const scale = 'targetScale' in dataset ? dataset.targetScale : undefined;
    return async (x) => {
      const values = await read(() => model.apply(x));
      return Array.from(values, (value) => ({ prediction: inUnitOfData(value, scale) }));
    };
  }
  if (task === 'sequence-to-sequence' && model.generate !== undefined && 'targetVocabulary' in dataset) {
    const { tokens } = dataset.targetVocabulary;
    const generate = model.generate.bind(model);
    return async (x) =>
      (await generate(x as tf.Tensor2D)).map((ids) => ({ prediction: ids.map((id) => tokens[id] ?? '').join(' ') }));
  }
  throw new FlatminError(
    'RUN_INVALID',
    `a model for ${task} predicts the next token at each position of a text, which is not an answer to an example. Use flatmin evaluate, or flatmin export.`,
  );
}

async function classes(model: Model<tf.Tensor>, x: tf.Tensor, names: readonly string[]): Promise<readonly Answer[]> {
  const values = await read(() => model.apply(x));
  return Array.from({ length: x.shape[0] ?? 0 }, (_, row) => {
    const logits = [...values.subarray(row * names.length, (row + 1) * names.length)];
    const greatest = Math.max(...logits);
    // The first of equal ones, as accuracy counts them.
    const best = logits.indexOf(greatest);
    const shares = logits.map((logit) => Math.exp(logit - greatest));
    const sum = shares.reduce((total, share) => total + share);
    return { prediction: names[best] ?? `${best}`, probabilities: shares.map((share) => share / sum) };
  });
}

/** @throws FlatminError NON_FINITE for outputs that say nothing. */
async function read(compute: () => tf.Tensor): Promise<Float32Array | Int32Array | Uint8Array> {
  const outputs = tf.tidy(compute);
  const values = await outputs.data();
  outputs.dispose();
  if (values.every((value) => Number.isFinite(value))) return values;
  throw new FlatminError(
    'NON_FINITE',
    'the model gives numbers that are not finite. Look for values in the data that are far from those of training, or use other --weights.',
  );
}
