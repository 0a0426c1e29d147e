import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from './errors.js';

/** The figures of a step. Each is read from the backend when it is first asked for; valid until the next step. */
export interface LastStep {
  /** The clean loss, before the update. */
  readonly loss: number;
  /** rho of the step; null where it did not perturb. */
  readonly radius: number | null;
  /** Backward passes of the step, parts of a batch counted as one each. */
  readonly gradientEvaluations: number;
  /** ||theta' - theta|| of the ascent; null where there was none or it is not one vector. */
  readonly perturbationNorm: number | null;
  /** Which way a gate went: sam, reuse, base. */
  readonly branch?: string;
  /** LETS: rho after the step. */
  readonly radiusAfter?: number;
  /** LETS: validation loss less training loss, on upper steps of the gap objective. */
  readonly gap?: number;
  /** LETS: the validation loss, on upper steps. */
  readonly validationLoss?: number;
  /** LETS: d(upper objective) / d rho, on upper steps. */
  readonly hypergradient?: number;
  readonly [figure: string]: number | string | null | undefined;
}

export type Figure = tf.Tensor | number | string | null;

/** Variants report counts and truths too. */
const asFloat = (scalar: tf.Scalar): tf.Scalar => (scalar.dtype === 'float32' ? scalar : tf.cast(scalar, 'float32'));

/**
 * The figures of one step. Those that are scalars on the backend are packed into one tensor: one op, one read for all of
 * them, and the same number of tensors whatever a step reports.
 */
export class StepFigures {
  readonly #known: Map<string, number | string | null>;
  readonly #packed: tf.Tensor1D;
  readonly #packedNames: readonly string[];
  #expired = false;
  /** The lazy view that users see. */
  readonly view: LastStep;

  constructor(figures: Readonly<Record<string, Figure>>) {
    const entries = Object.entries(figures);
    const scalars = entries.filter((entry): entry is [string, tf.Scalar] => entry[1] instanceof tf.Tensor);
    this.#packedNames = scalars.map(([name]) => name);
    this.#packed = tf.tidy(() => tf.keep(tf.stack(scalars.map(([, scalar]) => asFloat(scalar))) as tf.Tensor1D));
    this.#known = new Map(
      entries.filter((entry): entry is [string, number | string | null] => !(entry[1] instanceof tf.Tensor)),
    );
    const view = {};
    for (const [name] of entries) Object.defineProperty(view, name, { enumerable: true, get: () => this.#get(name) });
    this.view = view as LastStep;
  }

  /** All figures at once, without blocking. */
  async read(): Promise<LastStep> {
    if (!this.#isRead) this.#store(await this.#alive().data());
    return Object.fromEntries(this.#known) as unknown as LastStep;
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
        'these figures belong to a step before the last. Read lastStep, or await readLastStep(), before the next step.',
      );
    }
    return this.#packed;
  }
}
