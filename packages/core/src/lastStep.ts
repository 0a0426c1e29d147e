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

/** Keeps the figures of one step on the backend until they are asked for or the next step ends their time. */
export class StepFigures {
  readonly #figures: Map<string, Figure>;
  #expired = false;
  /** The lazy view that users see. */
  readonly view: LastStep;

  /** Takes over tensors that are kept and belong to it alone. */
  constructor(figures: Readonly<Record<string, Figure>>) {
    this.#figures = new Map(Object.entries(figures));
    const view = {};
    for (const name of this.#figures.keys()) {
      Object.defineProperty(view, name, { enumerable: true, get: () => this.#read(name) });
    }
    this.view = view as LastStep;
  }

  /** All figures at once, without blocking. */
  async read(): Promise<LastStep> {
    const entries = [...this.#figures].map(async ([name, figure]) => {
      const value = figure instanceof tf.Tensor ? ((await this.#alive(figure).data())[0] as number) : figure;
      if (!this.#expired) this.#settle(name, value);
      return [name, value] as const;
    });
    return Object.fromEntries(await Promise.all(entries)) as unknown as LastStep;
  }

  dispose(): void {
    this.#expired = true;
    tf.dispose([...this.#figures.values()].filter((figure) => figure instanceof tf.Tensor));
  }

  #read(name: string): number | string | null {
    const figure = this.#figures.get(name) as Figure;
    if (!(figure instanceof tf.Tensor)) return figure;
    const value = this.#alive(figure).dataSync()[0] as number;
    this.#settle(name, value);
    return value;
  }

  #settle(name: string, value: number | string | null): void {
    const figure = this.#figures.get(name);
    this.#figures.set(name, value);
    tf.dispose(figure instanceof tf.Tensor ? figure : []);
  }

  #alive(figure: tf.Tensor): tf.Tensor {
    if (this.#expired || figure.isDisposed) {
      throw new FlatminError(
        'LAST_STEP_EXPIRED',
        'these figures belong to a step before the last. Read lastStep, or await readLastStep(), before the next step.',
      );
    }
    return figure;
  }
}
