import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';

/** The metrics of a step. Each is read from the backend when it is first asked for; valid until the next step. */
export interface StepMetrics {
  /** The clean loss, before the update. */
  readonly loss: number;
  /** rho of the step; null if it did not perturb. */
  readonly radius: number | null;
  /** Backward passes of the step; each part of a batch counts as one. */
  readonly gradientEvaluations: number;
  /** ||theta' - theta|| of the ascent; null if there was none or it is not one vector. */
  readonly perturbationNorm: number | null;
  /** What a gate chose: sam, reuse, base. */
  readonly branch?: string;
  /** LETS: rho after the step. */
  readonly radiusAfter?: number;
  /** LETS: validation loss minus training loss, on upper steps of the gap objective. */
  readonly gap?: number;
  /** LETS: the validation loss, on upper steps. */
  readonly validationLoss?: number;
  /** LETS: d(upper objective) / d rho, on upper steps. */
  readonly hypergradient?: number;
  readonly [metric: string]: number | string | null | undefined;
}

/** One metric as a step all it: a scalar on the backend, or what is known already. */
export type Metric = tf.Tensor | number | string | null;

/** Variants report counts and truths too. */
const asFloat = (scalar: tf.Scalar): tf.Scalar => (scalar.dtype === 'float32' ? scalar : tf.cast(scalar, 'float32'));

function isKnown(entry: [string, Metric]): entry is [string, number | string | null] {
  return !(entry[1] instanceof tf.Tensor);
}

/**
 * The metrics of one step. Those that are scalars on the backend are packed into one tensor: one op, one read for all
 * of them, and the same number of tensors whatever a step all.
 */
export class PackedMetrics {
  readonly #names: readonly string[];
  readonly #known: Map<string, number | string | null>;
  readonly #packed: tf.Tensor1D;
  readonly #packedNames: readonly string[];
  #expired = false;
  /** The lazy view that users see. */
  readonly view: StepMetrics;

  /**
   * @param names all metrics, in order.
   * @param packed those of `packedNames`, kept; it becomes this object's.
   */
  private constructor(
    names: readonly string[],
    packed: tf.Tensor1D,
    packedNames: readonly string[],
    known: ReadonlyMap<string, number | string | null>,
  ) {
    this.#names = names;
    this.#packed = packed;
    this.#packedNames = packedNames;
    this.#known = new Map(known);
    const view = {};
    for (const name of names) Object.defineProperty(view, name, { enumerable: true, get: () => this.#get(name) });
    this.view = view as StepMetrics;
  }

  static of(metrics: Readonly<Record<string, Metric>>): PackedMetrics {
    const names = Object.keys(metrics);
    const packedNames = names.filter((name) => metrics[name] instanceof tf.Tensor);
    const packed = tf.tidy(() => tf.stack(packedNames.map((name) => asFloat(metrics[name] as tf.Scalar))));
    const known = new Map(Object.entries(metrics).filter(isKnown));
    return new PackedMetrics(names, tf.keep(packed as tf.Tensor1D), packedNames, known);
  }

  /** The same metrics of another step of this kind, whose scalars on the backend are `packed`. */
  withPacked(packed: tf.Tensor1D): PackedMetrics {
    return new PackedMetrics(this.#names, packed, this.#packedNames, this.#constant);
  }

  /** The scalars on the backend, in one tensor. */
  get packed(): tf.Tensor1D {
    return this.#alive();
  }

  /** What two steps of one kind have in common: the names of their metrics, and those that are not on the backend. */
  get kind(): string {
    return JSON.stringify([this.#names, [...this.#constant]]);
  }

  get #constant(): ReadonlyMap<string, number | string | null> {
    return new Map([...this.#known].filter(([name]) => !this.#packedNames.includes(name)));
  }

  /** All metrics at once, without blocking. */
  async read(): Promise<StepMetrics> {
    if (!this.#isRead) this.#store(await this.#alive().data());
    return Object.fromEntries(this.#known) as unknown as StepMetrics;
  }

  dispose(): void {
    this.#expired = true;
    this.#packed.dispose();
  }

  get #isRead(): boolean {
    return this.#packedNames.every((name) => this.#known.has(name));
  }

  #get(name: string): number | string | null {
    if (!this.#known.has(name)) this.#store(this.#alive().dataSync());
    return this.#known.get(name) as number | string | null;
  }

  #store(values: ArrayLike<number>): void {
    this.#packedNames.forEach((name, i) => this.#known.set(name, values[i] as number));
  }

  #alive(): tf.Tensor1D {
    if (this.#expired) {
      throw new FlatminError(
        'LAST_STEP_EXPIRED',
        'these metrics belong to a step before the last. Read lastStep, or await readLastStep(), before the next step.',
      );
    }
    return this.#packed;
  }
}
