import * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from '../errors/errors.js';
import { type LossFunction, requireAccess } from './loss.js';
import { combineStatistics } from './combineStatistics.js';
import { withLossRandomOfPart } from './lossRandom.js';
import type { Snapshot, Statistics } from './statistics.js';
import { valueOf } from './lossValue.js';
import { isTensor, sumOf } from '../tensors/tensors.js';

/** A part of a batch: the loss of the batch is the sum of `share * loss`. */
export interface BatchPart {
  readonly loss: LossFunction;
  /** Its share of what the loss is the mean over; a scalar where that depends on the data. */
  readonly share: number | tf.Scalar;
  /** Its share of the examples, by which statistics of the batch are combined. */
  readonly fraction: number;
}

/** Keeps a share finite where no part has any weight, and changes no other. */
const least = 1e-20;

/** The parts that a loss is one of. */
const wholes = new WeakMap<LossFunction, readonly BatchPart[]>();

/** All parts of the batch that this loss was cut from, itself among them; undefined for a loss that is not a part. */
export function partsBeside(loss: LossFunction): readonly BatchPart[] | undefined {
  return wholes.get(loss);
}

/**
 * The loss in at most `parts` parts, none without an example. In one it is the loss itself, which then needs no batch
 * access.
 *
 * Cost: none in weight space; five ops of scalars where weights are tensors.
 *
 * @throws FlatminError BATCH_ACCESS_MISSING where the loss cannot be split; LOSS_INVALID where a part does not say what
 *   it counts.
 */
export function batchParts(loss: LossFunction, parts: number, user: string): readonly BatchPart[] {
  const count = Math.min(parts, loss.size ?? parts);
  if (count <= 1) return [{ loss, share: 1, fraction: 1 }];
  const losses = requireAccess(loss, 'split', user)(count);
  const sizes = losses.map((part, i) => sizeOf(part, i, user));
  const weights = losses.map((part, i) => weightOf(part, i, sizes[i] as number, user));
  const [shares, fractions] = [sharesOf(weights), ratios(sizes)];
  const cut = losses.map((part, i) => ({
    loss: part,
    share: shares[i] as number | tf.Scalar,
    fraction: fractions[i] as number,
  }));
  for (const part of losses) wholes.set(part, cut);
  return cut;
}

const invalid = (user: string, i: number, what: string): FlatminError =>
  new FlatminError(
    'LOSS_INVALID',
    `${user}: part ${i} of the loss ${what}, so its share of the loss of the whole batch is not known. ` +
      'Give each part its number of examples as `size`, and `weight()` too if the loss is a mean over something else; or use lossOfBatch or lossOfOutputs.',
  );

function sizeOf({ size }: LossFunction, i: number, user: string): number {
  if (Number.isInteger(size) && (size as number) > 0) return size as number;
  throw invalid(user, i, `has the size ${show(size)}`);
}

function weightOf(part: LossFunction, i: number, size: number, user: string): number | tf.Scalar {
  const weight: unknown = part.weight === undefined ? size : part.weight();
  const fits = isTensor(weight) ? weight.rank === 0 : typeof weight === 'number' && weight >= 0 && weight < Infinity;
  if (fits) return weight as number | tf.Scalar;
  throw invalid(user, i, `has the weight ${isTensor(weight) ? `[${weight.shape.join(', ')}]` : show(weight)}`);
}

function ratios(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total === 0 ? 1 / weights.length : weight / total));
}

function sharesOf(weights: readonly (number | tf.Scalar)[]): readonly (number | tf.Scalar)[] {
  if (weights.every((weight) => typeof weight === 'number')) return ratios(weights);
  const scalars = weights.map((weight) =>
    typeof weight === 'number' ? tf.scalar(weight) : tf.cast(weight, 'float32'),
  );
  const positive = tf.maximum(tf.stack(scalars), least);
  return tf.unstack(tf.div(positive, tf.sum(positive))) as tf.Scalar[];
}

/**
 * Losses of the examples of a part, as those of the batch: of the parts their mean is taken by examples, not by shares.
 */
export function asOfWhole(examples: tf.Tensor1D, { share, fraction }: BatchPart): tf.Tensor1D {
  if (share === fraction) return examples;
  return tf.mul(examples, typeof share === 'number' ? share / fraction : tf.mul(share, 1 / fraction));
}

/** Tensors of examples one after the other, as a tensor of the caller's. */
export function joined(examples: readonly tf.Tensor1D[]): tf.Tensor1D {
  return examples.length === 1 ? (examples[0] as tf.Tensor1D).clone() : tf.concat1d([...examples]);
}

/** Runs a pass over each part of a batch, one after the other. */
export type PartPasses = <T>(parts: readonly BatchPart[], pass: (part: BatchPart) => T) => T[];

/**
 * Statistics over the passes of the parts of one batch: each starts from the same ones, and the last leaves those of
 * the batch.
 */
export class PartStatistics {
  readonly #statistics: Statistics;
  readonly #before: Snapshot;
  readonly #moved: { readonly fraction: number; readonly after: Snapshot }[] = [];

  constructor(statistics: Statistics, since?: Snapshot) {
    this.#statistics = statistics;
    this.#before = statistics.snapshot(since);
  }

  /** Runs the pass of one of `count` parts. */
  during<T>({ fraction }: BatchPart, count: number, pass: () => T): T {
    this.#statistics.restore(this.#before);
    const result = pass();
    this.#moved.push({ fraction, after: this.#statistics.snapshot(this.#before) });
    if (this.#moved.length === count) combineStatistics(this.#before, this.#moved);
    return result;
  }
}

/**
 * Passes that leave the statistics of the whole batch: a clean pass in parts. Each part has random numbers of its own.
 */
export function cleanPasses(statistics: Statistics, since?: Snapshot): PartPasses {
  return (parts, pass) => {
    if (parts.length === 1) return parts.map(pass);
    const moves = new PartStatistics(statistics, since);
    return parts.map((part, i) => moves.during(part, parts.length, () => withLossRandomOfPart(i, () => pass(part))));
  };
}

/**
 * The same for passes whose statistics somebody puts back: all that the next part needs is to start as the first did.
 */
export function extraPasses(statistics: Statistics, since?: Snapshot): PartPasses {
  return (parts, pass) => {
    if (parts.length === 1) return parts.map(pass);
    const before = statistics.snapshot(since);
    return parts.map((part, i) => {
      statistics.restore(before);
      return withLossRandomOfPart(i, () => pass(part));
    });
  };
}

/** The losses of the examples of a part, if there is one for each. */
export function examplesIn({ loss: { size } }: BatchPart, examples: tf.Tensor1D): tf.Tensor1D {
  if (examples.rank === 1 && (size === undefined || examples.size === size)) return examples;
  throw new FlatminError(
    'LOSS_INVALID',
    `the losses per example have shape [${examples.shape.join(', ')}]${size === undefined ? '' : ` for ${size} examples`}. ` +
      'perExample and observed must give one loss for each example, [batch].',
  );
}

/** The losses of the examples of these parts, in their order, as those of the whole batch. */
export function examplesOf(parts: readonly BatchPart[], passes: PartPasses): tf.Tensor1D {
  const found = passes(parts, (part) =>
    asOfWhole(examplesIn(part, requireAccess(part.loss, 'perExample', 'evaluatePerExample')()), part),
  );
  return joined(found);
}

/** The loss alone, one part after the other. */
export function lossOfParts(parts: readonly BatchPart[], passes: PartPasses): tf.Scalar {
  const losses = passes(parts, ({ loss, share }) =>
    tf.tidy(() => (share === 1 ? valueOf(loss) : tf.mul<tf.Scalar>(valueOf(loss), share))),
  );
  return losses.length === 1 ? (losses[0] as tf.Scalar) : sumOf(losses);
}
