import * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from './errors.js';
import { type LossFunction, requireAccess } from './loss.js';
import type { Snapshot, Statistics } from './statistics.js';
import type { Evaluate, Evaluation, EvaluationPoint, WeightVector } from './variant.js';
import { add } from './weightVector.js';

/** Runs one pass that must leave no trace; an adapter that knows the model hides its metrics meanwhile. */
export type ExtraPass = <T>(pass: () => T) => T;

const isConnectionError = (error: unknown): boolean =>
  error instanceof Error && /gradient function not found/i.test(error.message);

/** Loss and gradient by variable (null where the loss does not depend on it), with errors that say the remedy. */
export function lossAndGradients(
  loss: LossFunction,
  variables: readonly tf.Variable[],
): { readonly loss: tf.Scalar; readonly gradients: ReadonlyMap<tf.Variable, tf.Tensor | null> } {
  try {
    const { value, grads } = tf.variableGrads(loss, [...variables]);
    return { loss: value, gradients: new Map(variables.map((variable) => [variable, grads[variable.name] ?? null])) };
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    throw new FlatminError(
      'GRADIENTS_NOT_REGISTERED',
      `TensorFlow.js has no gradients here (${(error as Error).message}). ` +
        "Add `import '@tensorflow/tfjs'` (or call loadBackend of @flatmin/backend) before the first step.",
      { cause: error },
    );
  }
}

interface EvaluatorSetup {
  /** All variables of the optimizer; `active[i]` says whether this step trains variable i. */
  readonly variables: readonly tf.Variable[];
  readonly active: readonly boolean[];
  readonly loss: LossFunction;
  readonly statistics: Statistics;
  readonly extraPass: ExtraPass;
}

/**
 * Evaluates losses and gradients around the current weights, and alone touches the variables: it sets theta + offset by
 * `assign`, and puts the very same saved tensors back. The first evaluation of each distinct loss is that loss's clean pass
 * and may move statistics; every other pass leaves them as that one left them.
 */
export class Evaluator {
  /** Backward passes so far. */
  gradientEvaluations = 0;
  /** theta: shares the variables' data. */
  readonly weights: WeightVector;
  readonly #setup: EvaluatorSetup;
  readonly #before: Snapshot;
  #statisticsNow: Snapshot;
  readonly #memo = new Map<LossFunction, Evaluation>();
  readonly #seen = new Set<LossFunction>();
  /** A clean pass done before the variant asked for it, with the statistics it left. */
  #ahead: { readonly evaluation: Evaluation; readonly statistics: Snapshot } | undefined;

  constructor(setup: EvaluatorSetup, before: Snapshot = setup.statistics.snapshot()) {
    this.#setup = setup;
    this.#before = before;
    this.#statisticsNow = before;
    this.weights = setup.variables.map((variable) => variable.clone());
  }

  /** Hands over a clean pass of the step's loss that had to be done to find the variables. */
  prepend(evaluation: Evaluation, statistics: Snapshot): void {
    this.#ahead = { evaluation, statistics };
  }

  /** Undoes what passes did to statistics; for a step that failed. */
  rollBack(): void {
    this.#setup.statistics.restore(this.#before);
  }

  readonly evaluate: Evaluate = (at = {}) => {
    const loss = at.loss ?? this.#setup.loss;
    if (at.offset !== undefined) return this.#evaluate(loss, at);
    const known = this.#memo.get(loss) ?? this.#takeAhead(loss);
    if (known !== undefined) return at.only === undefined ? known : this.#masked(known, at.only);
    const evaluation = this.#evaluate(loss, at);
    if (at.only === undefined) this.#memo.set(loss, evaluation);
    return evaluation;
  };

  readonly evaluatePerExample = (at: { readonly offset?: WeightVector } = {}): tf.Tensor1D => {
    const perExample = requireAccess(this.#setup.loss, 'perExample', 'evaluatePerExample');
    return this.#traceless(() => this.#at(at.offset, () => tf.tidy(perExample)));
  };

  /** The same around theta_{t+1}, where every pass is an extra one. Counts on here. */
  after(): { readonly weights: WeightVector; readonly evaluate: Evaluate } {
    // Statistics are those of now: a pending step is settled long after the snapshots of its passes were freed.
    const next = new Evaluator(this.#setup);
    const evaluate: Evaluate = (at) => {
      const before = next.gradientEvaluations;
      const evaluation = next.evaluate({ ...at, heldOut: true });
      this.gradientEvaluations += next.gradientEvaluations - before;
      return evaluation;
    };
    return { weights: next.weights, evaluate };
  }

  #takeAhead(loss: LossFunction): Evaluation | undefined {
    if (this.#ahead === undefined || loss !== this.#setup.loss) return undefined;
    const { evaluation, statistics } = this.#ahead;
    this.#ahead = undefined;
    this.gradientEvaluations++;
    this.#setup.statistics.restore(statistics);
    this.#statisticsNow = statistics;
    this.#seen.add(loss);
    this.#memo.set(loss, evaluation);
    return evaluation;
  }

  #evaluate(loss: LossFunction, { offset, only, heldOut }: EvaluationPoint): Evaluation {
    const pass = (): Evaluation => this.#at(offset, () => this.#gradient(loss, only));
    if (heldOut === true || this.#seen.has(loss)) return this.#traceless(pass);
    const evaluation = pass();
    this.#seen.add(loss);
    this.#statisticsNow = this.#setup.statistics.snapshot(this.#statisticsNow);
    return evaluation;
  }

  #traceless<T>(pass: () => T): T {
    try {
      return this.#setup.extraPass(pass);
    } finally {
      this.#setup.statistics.restore(this.#statisticsNow);
    }
  }

  /** Runs `pass` with the variables at theta + offset. */
  #at<T>(offset: WeightVector | undefined, pass: () => T): T {
    if (offset === undefined) return pass();
    const { variables } = this.#setup;
    if (offset.length !== variables.length) {
      throw new FlatminError(
        'STATE_INVALID',
        `an offset has ${offset.length} tensors, the optimizer ${variables.length} variables. Give one tensor per variable.`,
      );
    }
    const moved = add(this.weights, offset);
    try {
      variables.forEach((variable, i) => variable.assign(moved[i] as tf.Tensor));
      return pass();
    } finally {
      variables.forEach((variable, i) => variable.assign(this.weights[i] as tf.Tensor));
      tf.dispose([...moved]);
    }
  }

  #gradient(loss: LossFunction, only?: readonly boolean[]): Evaluation {
    const { variables, active } = this.#setup;
    const wanted = variables.filter((_, i) => active[i] && (only?.[i] ?? true));
    if (wanted.length === 0)
      return { loss: tf.tidy(loss), gradient: variables.map((v) => tf.zerosLike(v as tf.Tensor)) };
    this.gradientEvaluations++;
    const { loss: value, gradients } = lossAndGradients(loss, wanted);
    return { loss: value, gradient: variables.map((v) => gradients.get(v) ?? tf.zerosLike(v as tf.Tensor)) };
  }

  #masked({ loss, gradient }: Evaluation, only: readonly boolean[]): Evaluation {
    return { loss, gradient: gradient.map((tensor, i) => (only[i] === false ? tf.zerosLike(tensor) : tensor)) };
  }
}

/** Refuses what is no loss before anything happens. */
export function checkLoss(loss: unknown): asserts loss is LossFunction {
  if (typeof loss !== 'function') {
    throw new FlatminError('LOSS_INVALID', `the loss is ${show(loss)}. Pass a function that returns a tf.Scalar.`);
  }
}
