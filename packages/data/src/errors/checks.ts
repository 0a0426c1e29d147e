import { show } from '@flatmin/core/plugin';
import { refuse } from './refuse.js';

/** Throws unless a number, such as a batch size, is a positive integer. */
export function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) refuse(`${name} is ${show(value)}`, 'Give a positive integer.');
}

/** Throws unless there are at least two classes. */
export function checkClasses(classes: number): void {
  if (!Number.isInteger(classes) || classes < 2) {
    refuse(`classes is ${show(classes)}`, 'Give the number of classes, an integer of at least 2.');
  }
}

/** Throws unless every label is a class in [0, `classes`). */
export function checkLabels(labels: Int32Array, classes: number): void {
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    refuse(
      `labels[${wrong}] is ${show(labels[wrong])}, not a class from 0 to ${classes - 1}`,
      'Number classes from 0, and give their number as `classes`.',
    );
  }
}

/** By the brand, not `instanceof`: arrays of another realm (a worker, a test sandbox) are as good. */
export function checkArray(value: unknown, name: string, type: 'Float32Array' | 'Int32Array'): void {
  const found = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (found !== type) refuse(`${name} are of type ${found}`, `Convert them with ${type}.from(...).`);
}
