import { FlatminError } from '@flatmin/core';
import { faulty } from '@flatmin/core/internal';
import { type DataSet, type Task, taskOf } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';
import type { AnyModel } from './task.js';

/** A shape; a side of null may have any length. */
type Shape = readonly (number | null)[];

const fits = (shape: readonly number[], expected: Shape): boolean =>
  shape.length === expected.length && expected.every((side, i) => side === null || side === shape[i]);

const shapeText = (shape: Shape): string => `[${shape.map((side) => side ?? 'any').join(', ')}]`;

/** Targets after the examples' axis. */
const targets: Readonly<Record<Task, (dataset: DataSet) => Shape>> = {
  classification: () => [],
  regression: () => [],
  'language-modelling': ({ inputShape }) => inputShape,
  'sequence-to-sequence': () => [null],
};

/**
 * Refuses a batch that is not what its data set says.
 *
 * @throws FlatminError DATA_INVALID, by the data set's name.
 */
export function requireBatch(dataset: DataSet, part: string, x: tf.Tensor, y: tf.Tensor): void {
  const task = taskOf(dataset);
  const [examples = 0] = x.shape;
  const refuse = (what: string): never => {
    throw new FlatminError(
      'DATA_INVALID',
      `${dataset.id}, ${part}: ${what}. This is a defect of the data or of its reader: report it to its author.`,
    );
  };
  // A batch of pairs is as long as its own longest source.
  const example: Shape = task === 'sequence-to-sequence' ? [null] : dataset.inputShape;
  const expected = { x: [examples, ...example], y: [examples, ...targets[task](dataset)] };
  for (const [name, { shape }] of Object.entries({ x, y })) {
    const wanted = expected[name as 'x' | 'y'];
    if (!fits(shape, wanted))
      refuse(`${name} of a batch has shape ${shapeText(shape)}, and should have ${shapeText(wanted)}`);
  }
  if (task !== 'regression' && y.dtype !== 'int32') refuse(`y of a batch is ${y.dtype}, and should be int32`);
}

/** Outputs of a model, by the task: examples first. */
const outputs: Readonly<Record<Task, (x: tf.Tensor, y: tf.Tensor, classes: number) => Shape>> = {
  classification: ({ shape: [examples = 0] }, _, classes) => [examples, classes],
  regression: ({ shape: [examples = 0] }) => [examples, 1],
  'language-modelling': ({ shape: [examples = 0, length = 0] }, _, classes) => [examples, length, classes],
  // What a decoder predicts: the target without its first token.
  'sequence-to-sequence': ({ shape: [examples = 0] }, { shape: [, length = 0] }, classes) => [
    examples,
    length - 1,
    classes,
  ],
};

/**
 * The outputs of a model, if they have the shape of the task: others may be broadcast to a loss that means nothing.
 *
 * @throws FlatminError PLUGIN_FAULTY, by the model's description.
 */
export function requireOutputs(
  given: tf.Tensor,
  { description }: AnyModel,
  dataset: DataSet,
  x: tf.Tensor,
  y: tf.Tensor,
): tf.Tensor {
  const task = taskOf(dataset);
  const expected = outputs[task](x, y, dataset.classes);
  if (fits(given.shape, expected)) return given;
  throw faulty(
    `the model ${description}`,
    `gave outputs of shape ${shapeText(given.shape)} for x of shape ${shapeText(x.shape)}, where ${task} needs ${shapeText(expected)}`,
  );
}
