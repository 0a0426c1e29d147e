import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { addTo, allFinite, minus, norm, scaled, type Vector } from '../vectors/vector.js';
import { flattened } from './layout.js';
import type { LossSurface, PassCounts, PointValue, Slope, SurfaceParameter } from './lossSurface.js';
import { type BatchTensors, gaussNewtonPass, gradientPass, hessianPass, type Pass, valuePass } from './passes.js';
import type { PassRunner, PassSubject } from './passRunner.js';

/** A batch, and its part in the mean over all. */
export interface SharedBatch {
  readonly tensors: BatchTensors;
  /** Those of all batches sum to 1. */
  readonly share: number;
  /** Examples; NaN where the loss does not say. */
  readonly size: number;
}

/** What surfaces over the same variables have in common: one, and those of its batches. */
interface Common {
  readonly subject: PassSubject;
  readonly runner: PassRunner;
  /** Metrics from the figures of batches, and their shares. */
  readonly metricsOf: (figures: readonly Vector[], shares: readonly number[]) => Readonly<Record<string, number>>;
  weights: Vector;
}

/** A surface over batches: a pass over it is a pass over each of them. */
export class BatchedSurface implements LossSurface {
  readonly #common: Common;
  readonly #batches: readonly SharedBatch[];
  #values = 0;
  #gradients = 0;

  constructor(common: Common, batches: readonly SharedBatch[]) {
    this.#common = common;
    this.#batches = batches;
  }

  get parameters(): readonly SurfaceParameter[] {
    return this.#common.subject.parameters;
  }

  get size(): number {
    return this.weights.length;
  }

  get examples(): number {
    return this.#batches.reduce((sum, { size }) => sum + size, 0);
  }

  get weights(): Vector {
    return this.#common.weights;
  }

  get passes(): PassCounts {
    return { values: this.#values, gradients: this.#gradients };
  }

  get eagerBecause(): string | undefined {
    return this.#common.runner.eagerBecause;
  }

  async value(point: Vector = this.weights): Promise<PointValue> {
    const { metricsOf, runner } = this.#common;
    let loss = 0;
    const figures: Vector[] = [];
    await withTensor(point, async (at) => {
      for (const { tensors, share } of this.#batches) {
        const [value, found] = await read(await runner.run(valuePass, 'value', at, tensors));
        loss += share * (value?.[0] as number);
        if (found !== undefined) figures.push(found);
      }
    });
    this.#values += 1;
    const shares = this.#batches.map(({ share }) => share);
    return { loss, metrics: figures.length === 0 ? {} : metricsOf(figures, shares) };
  }

  async gradient(point: Vector = this.weights): Promise<Slope> {
    let loss = 0;
    const gradient = await this.#summed(point, async (at, { tensors, share }) => {
      const [value, slope] = await read(await this.#common.runner.run(gradientPass, 'gradient', at, tensors));
      loss += share * (value?.[0] as number);
      return slope as Vector;
    });
    this.#gradients += 1;
    if (Number.isFinite(loss) && allFinite(gradient)) return { loss, gradient };
    const wrong = Number.isFinite(loss)
      ? `the gradient by ${this.#parameterAt(gradient.findIndex((value) => !Number.isFinite(value)))} is not finite`
      : `the loss is ${loss}`;
    const remedy = 'Give weights of a run that did not diverge';
    throw new FlatminError(
      'NON_FINITE',
      point === this.weights
        ? `${wrong} at the weights, so nothing can be measured. ${remedy}.`
        : `${wrong} at a distance of ${norm(minus(point, this.weights)).toPrecision(3)} from the weights. Look less far, or ${remedy.toLowerCase()}.`,
    );
  }

  async hessian(vector: Vector, step: number): Promise<Vector> {
    const product = await this.#product(hessianPass, 'hessian', vector, step);
    this.#gradients += 2;
    this.#values += 1;
    if (allFinite(product)) return product;
    const wrong = this.#parameterAt(product.findIndex((value) => !Number.isFinite(value)));
    throw new FlatminError(
      'NON_FINITE',
      `the gradient by ${wrong} is not finite within ${step.toPrecision(3)} of the weights. Give a shorter step, or weights of a run that did not diverge.`,
    );
  }

  gaussNewton(vector: Vector, step: number): Promise<Vector> {
    return this.#product(gaussNewtonPass, 'gaussNewton', vector, step);
  }

  /** The mean over the batches of the products of a pass that takes [a vector of length 1, a step]. */
  async #product(pass: Pass, name: string, vector: Vector, step: number): Promise<Vector> {
    const length = norm(vector);
    if (length === 0) return new Float32Array(this.size);
    const given = [tf.tensor1d(scaled(vector, 1 / length)), tf.scalar(step)];
    try {
      const product = await this.#summed(this.weights, async (at, { tensors }) => {
        const [found] = await read(await this.#common.runner.run(pass, name, at, tensors, given));
        return found as Vector;
      });
      return scaled(product, length);
    } finally {
      tf.dispose(given);
    }
  }

  ofBatches(): readonly LossSurface[] {
    return this.#batches.map((batch) => new BatchedSurface(this.#common, [{ ...batch, share: 1 }]));
  }

  async reread(): Promise<void> {
    this.#common.weights = await weightsOf(this.#common.subject);
  }

  dispose(): void {
    this.#common.runner.dispose();
    tf.dispose(this.#batches.map(({ tensors }) => [...tensors]));
  }

  /** The mean over the batches of a vector that each of them gives. */
  async #summed(point: Vector, of: (at: tf.Tensor1D, batch: SharedBatch) => Promise<Vector>): Promise<Vector> {
    return withTensor(point, async (at) => {
      // Of one batch it is the vector itself, and no copy of all weights.
      const [only, ...others] = this.#batches as [SharedBatch, ...SharedBatch[]];
      if (others.length === 0) return of(at, only);
      const sum = new Float32Array(point.length);
      for (const batch of this.#batches) addTo(sum, batch.share, await of(at, batch));
      return sum;
    });
  }

  #parameterAt(index: number): string {
    return this.parameters.find(({ start, end }) => start <= index && index < end)?.name ?? '';
  }
}

/**
 * What the variables hold, flat.
 *
 * @throws FlatminError NON_FINITE, by the name of the variable.
 */
export async function weightsOf({
  variables,
  parameters,
}: Pick<PassSubject, 'variables' | 'parameters'>): Promise<Vector> {
  const flat = tf.tidy(() => flattened(variables));
  const weights = Float32Array.from(await flat.data());
  flat.dispose();
  const wrong = parameters.find(({ start, end }) => !allFinite(weights.subarray(start, end)));
  if (wrong === undefined) return weights;
  throw new FlatminError(
    'NON_FINITE',
    `the weights of ${wrong.name} are not all finite numbers, so nothing can be measured. Give weights of a run that did not diverge.`,
  );
}

async function withTensor<T>(point: Vector, use: (at: tf.Tensor1D) => Promise<T>): Promise<T> {
  const at = tf.tensor1d(point);
  try {
    return await use(at);
  } finally {
    at.dispose();
  }
}

/** The values of tensors, which are disposed. */
async function read(tensors: readonly tf.Tensor[]): Promise<Vector[]> {
  try {
    return (await Promise.all(tensors.map((tensor) => tensor.data()))) as Vector[];
  } finally {
    tf.dispose([...tensors]);
  }
}
