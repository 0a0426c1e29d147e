import { FlatminError } from '@flatmin/core';
import { type ModelContext, show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** Refuses a task, a shape of examples or a number of classes that no classifier fits. In regression classes is 1. */
export function checkContext(id: string, { task = 'classification', inputShape, classes }: ModelContext): void {
  if (task !== 'classification' && task !== 'regression') {
    throw new FlatminError(
      'RUN_INVALID',
      `${id} gives one answer per example, and the task of the data set is ${task}. Use a model for sequences, or a data set with classes.`,
    );
  }
  if (!inputShape.every((size) => Number.isInteger(size) && size > 0)) {
    throw new FlatminError(
      'DATA_INVALID',
      `${id}: inputShape is ${show(inputShape)}. Give positive integers, such as [40].`,
    );
  }
  const least = task === 'regression' ? 1 : 2;
  if (!Number.isInteger(classes) || classes < least) {
    throw new FlatminError('DATA_INVALID', `${id}: classes is ${show(classes)}. Give an integer of at least ${least}.`);
  }
}

export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The shape of the images that a model classifies; refuses examples that are not images. */
export function imageShape(id: string, context: ModelContext): ImageShape {
  checkContext(id, context);
  const { inputShape } = context;
  const [height, width, channels] = inputShape;
  if (inputShape.length !== 3 || height === undefined || width === undefined || channels === undefined) {
    throw new FlatminError(
      'DATA_INVALID',
      `${id} takes images, and inputShape is ${show(inputShape)}. Use a data set of images [height, width, channels], such as [32, 32, 3].`,
    );
  }
  return { height, width, channels };
}

/** Refuses a backend that cannot train convolutions, before a variable is made. */
export function requireConvolutions(id: string): void {
  const needed = ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'];
  const backend = tf.getBackend();
  const missing = needed.filter((kernel) => tf.getKernel(kernel, backend) === undefined);
  if (missing.length === 0) return;
  throw new FlatminError(
    'RUN_INVALID',
    `${id} trains convolutions, and the backend ${show(backend)} has no ${missing.join(' and no ')}. Load the native backend, ` +
      "loadBackend('tensorflow') of @flatmin/backend, or the slow one, 'cpu'; or use a model of matrix products, such as vit or mlp.",
  );
}
