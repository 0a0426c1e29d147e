import * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from '../errors/errors.js';
import type { Snapshot } from './statistics.js';

/** Where a variable says what it is an average of: a symbol of all copies of core. */
const declared = Symbol.for('@flatmin/core/Moments');

/** That a variable is the moving average of means of batches, and another that of their variances. */
interface Moments {
  readonly variance: tf.Variable;
  readonly rate: number;
}

const momentsOf = (mean: tf.Variable): Moments | undefined =>
  (mean as tf.Variable & { readonly [declared]?: Moments })[declared];

/**
 * Says that two variables are moving averages of the mean and of the variance of batches, as batch normalization keeps
 * them: each pass moves `average` to `average + rate (value of the batch - average)`. Where a batch comes in parts
 * (`accumulate`, `microBatches`), the two then move once a step, by mean and variance of the whole batch, as they would
 * if it came in one:
 *
 *     mean = sum_i f_i mean_i,   variance = sum_i f_i (variance_i + mean_i^2) - mean^2
 *
 * over parts i with the shares f_i of the examples. Statistics that are not declared become the mean of the values that
 * the parts left, which is right for everything that is a mean over examples.
 *
 * @param mean not trainable and of one shape with `variance`, which is not trainable either.
 * @param variance of values of a batch, divided by their number n, not by n - 1.
 * @param rate 1 - momentum, from 0 to 1.
 * @throws FlatminError VARIABLES_INVALID.
 * @example
 * ```ts fragment
 * declareMoments(movingMean, movingVariance, 0.1);
 * ```
 */
export function declareMoments(mean: tf.Variable, variance: tf.Variable, rate: number): void {
  if (mean.shape.join() !== variance.shape.join()) {
    throw new FlatminError(
      'VARIABLES_INVALID',
      `declareMoments got a mean of shape [${mean.shape.join(', ')}] and a variance of shape [${variance.shape.join(', ')}]. Both have one number per channel.`,
    );
  }
  if (!(rate >= 0 && rate <= 1)) {
    throw new FlatminError(
      'VARIABLES_INVALID',
      `declareMoments got the rate ${show(rate)}. Give 1 - momentum, from 0 to 1.`,
    );
  }
  Object.defineProperty(mean, declared, { value: { variance, rate } satisfies Moments, configurable: true });
}

/** What the passes of the parts made of the statistics. */
interface Moved {
  readonly fraction: number;
  readonly after: Snapshot;
}

/**
 * Sets the statistics to what one pass of the whole batch would have left: {@link declareMoments} says how they
 * combine.
 */
export function combineStatistics(before: Snapshot, parts: readonly Moved[]): void {
  const moved = [...before.keys()].filter(
    (variable) =>
      !variable.isDisposed &&
      // A counter of integers, which a mean may not have, is as the last part left it: each of them started from the
      // same.
      variable.dtype === 'float32' &&
      parts.some(({ after }) => after.get(variable)?.dataId !== before.get(variable)?.dataId),
  );
  if (moved.length > 0) tf.tidy(() => combine(moved, before, parts));
}

/** A mean and a variance that are declared a pair. */
export interface MomentPair extends Moments {
  readonly mean: tf.Variable;
}

/** Those of these variables that are declared a pair and move at all. */
export function declaredMoments(variables: readonly tf.Variable[]): readonly MomentPair[] {
  return declaredAmong(variables).filter(({ rate }) => rate > 0);
}

function declaredAmong(variables: readonly tf.Variable[]): readonly MomentPair[] {
  const known = new Set(variables);
  const declarations = variables.flatMap((mean) => ({ mean, ...momentsOf(mean) }));
  return declarations.filter((pair): pair is MomentPair => pair.variance !== undefined && known.has(pair.variance));
}

/** Those of these variables that are declared a pair and move at all; a variance that is of no pair is refused. */
function pairsAmong(moved: readonly tf.Variable[]): readonly MomentPair[] {
  const all = declaredAmong(moved);
  const paired = new Set(all.map(({ variance }) => variance));
  const alone = moved.find((variable) => isVariance(variable) && !paired.has(variable));
  if (alone !== undefined) {
    throw new FlatminError(
      'BATCH_ACCESS_MISSING',
      `the parts of the batch move ${show(alone.name)}, and nothing says which means this variance is about, so it is not known ` +
        'for the whole batch. Call declareMoments(mean, variance, 1 - momentum) of @flatmin/core where the layer is made, or ' +
        'declareAverages(model) of @flatmin/model-layers for a tf.LayersModel that your own loss applies.',
    );
  }
  return all.filter(({ rate }) => rate > 0);
}

/** By the last segment of its name, as roles of parameters are known. */
const isVariance = ({ name }: tf.Variable): boolean => /variance(_\d+)?$/i.test(name.split('/').at(-1) ?? '');

/**
 * Every moving average goes from `a` to `a + rate (x_i - a)` in part i, so a mean of these is what the mean of all x_i
 * makes of it. A variance lacks what the means of the parts differ by, sum_i f_i (mean_i - mean)^2, of which their
 * averages show `rate` times the root. All statistics of a model are one long vector each way: 2 ops a part and some
 * twenty in all, however many layers there are.
 */
function combine(moved: readonly tf.Variable[], before: Snapshot, parts: readonly Moved[]): void {
  const pairs = pairsAmong(moved);
  const means = pairs.map(({ mean }) => mean);
  const spreads = pairs.map(({ variance }) => variance);
  const others = moved.filter((variable) => !means.includes(variable) && !spreads.includes(variable));
  const fractions = tf.tensor2d(parts.map(({ fraction }) => [fraction]));
  const rows = (variables: readonly tf.Variable[]): tf.Tensor2D => {
    const values = parts.map(({ after }) => variables.map((v) => tf.reshape(after.get(v) ?? before.get(v) ?? v, [-1])));
    return tf.stack(values.map((each) => tf.concat(each))) as tf.Tensor2D;
  };
  const plain = [...means, ...others];
  const plainRows = rows(plain);
  const plainMean = meanOf(plainRows, fractions);
  assign(plain, plainMean);
  if (pairs.length === 0) return;
  const size = means.reduce((sum, { size: length }) => sum + length, 0);
  const apart = tf.sub(tf.slice(plainRows, [0, 0], [-1, size]), tf.slice(plainMean, 0, size));
  const between = tf.sum(tf.mul(tf.square(apart), fractions), 0);
  assign(spreads, tf.add(meanOf(rows(spreads), fractions), tf.div(between, ratesOf(pairs))));
}

/** From the first row on, so that what is the same in all of them stays that, to the bit. */
function meanOf(rows: tf.Tensor2D, fractions: tf.Tensor2D): tf.Tensor1D {
  const first = tf.slice(rows, [0, 0], [1, -1]);
  const step = tf.sum(tf.mul(tf.sub(rows, first), fractions), 0, true);
  return tf.reshape(tf.add(first, step), [-1]);
}

/** One number where all pairs have the same rate, else one for each value. */
function ratesOf(pairs: readonly MomentPair[]): number | tf.Tensor1D {
  const rates = pairs.map(({ rate }) => rate);
  const [first = 1] = rates;
  return rates.every((rate) => rate === first)
    ? first
    : tf.tensor1d(pairs.flatMap(({ mean, rate }) => Array<number>(mean.size).fill(rate)));
}

function assign(variables: readonly tf.Variable[], values: tf.Tensor): void {
  const pieces = tf.split(values, variables.map(({ size }) => size)); // prettier-ignore
  variables.forEach((variable, i) => variable.assign(tf.reshape(pieces[i] as tf.Tensor, variable.shape)));
}
