import { FlatminError } from '@flatmin/core';
import { type GlueTaskName, glueTasks, type MetricName } from './tasks.js';

/** Share of equal values. */
export function accuracy(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return mean(pairs(predicted, actual, (p, a) => (p === a ? 1 : 0)));
}

/**
 * F1 = 2 TP / (2 TP + FP + FN) of the class `positive` (default 1): the harmonic mean of precision and recall. 0 if
 * that class is neither predicted nor present.
 */
export function f1(predicted: ArrayLike<number>, actual: ArrayLike<number>, positive = 1): number {
  const hits = sum(pairs(predicted, actual, (p, a) => (p === positive && a === positive ? 1 : 0)));
  const named = sum(pairs(predicted, actual, (p, a) => Number(p === positive) + Number(a === positive)));
  return named === 0 ? 0 : (2 * hits) / named;
}

/**
 * Matthews' correlation of two classes, (TP TN - FP FN) / sqrt((TP + FP)(TP + FN)(TN + FP)(TN + FN)): the Pearson
 * correlation of the classes 0 and 1. 0 if either has only one class.
 */
export function matthews(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  const correlation = pearson(predicted, actual);
  return Number.isNaN(correlation) ? 0 : correlation;
}

/**
 * Pearson's correlation, sum (p - mean p)(a - mean a) over the root of the product of the sums of squares; NaN if
 * either is constant.
 */
export function pearson(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  const [p, a] = [centered(predicted), centered(actual)];
  const product = sum(pairs(p, a, (x, y) => x * y));
  return product / Math.sqrt(sum(p.map((x) => x * x)) * sum(a.map((y) => y * y)));
}

/** Spearman's correlation: Pearson's of the ranks, equal values sharing the mean of theirs. */
export function spearman(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return pearson(ranks(predicted), ranks(actual));
}

const metrics = { accuracy, f1, matthews, pearson, spearman } as const satisfies Record<MetricName, unknown>;

/**
 * The metrics of a GLUE task, in GLUE's order; the score of the task is their mean.
 *
 * @param predicted classes (argMax), or numbers for STS-B.
 * @param actual those of the data.
 * @throws FlatminError DATA_INVALID if their numbers differ or there are none.
 * @example
 * ```ts
 * glueScores('mrpc', [1, 1, 0], [1, 0, 0]); // { f1: 0.667, accuracy: 0.667 }
 * ```
 */
export function glueScores(
  task: GlueTaskName,
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(glueTasks[task].metrics.map((name) => [name, metrics[name](predicted, actual)]));
}

function pairs(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  make: (p: number, a: number) => number,
): number[] {
  if (predicted.length !== actual.length || actual.length === 0) {
    throw new FlatminError(
      'DATA_INVALID',
      `there are ${predicted.length} predictions for ${actual.length} targets. Give one for each, and at least one.`,
    );
  }
  return Array.from(actual, (a, i) => make(predicted[i] as number, a));
}

function centered(values: ArrayLike<number>): number[] {
  const all = Array.from(values);
  const center = mean(all);
  // Exactly zero for what is constant: a mean that rounds would leave a correlation of nothing.
  return all.every((value) => value === all[0]) ? all.map(() => 0) : all.map((value) => value - center);
}

function ranks(values: ArrayLike<number>): number[] {
  const order = Array.from(values, (_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number));
  const found = new Array<number>(order.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    for (let place = start; place < end; place++) found[order[place] as number] = (start + end - 1) / 2;
  }
  return found;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
