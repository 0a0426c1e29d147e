import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';
import { ofTheLoss } from '../errors/faults.js';
import { accumulatedGradients } from '../loss/gradients.js';
import { type LossFunction, requireAccess } from '../loss/loss.js';
import { gradientByOutputs } from '../loss/outputGradient.js';
import {
  examplesIn,
  examplesOf,
  lossOfParts,
  cleanPasses,
  extraPasses,
  type PartPasses,
  PartStatistics,
  asOfWhole,
  type BatchPart,
  batchParts,
  joined,
  partsBeside,
} from '../loss/parts.js';
import { chosenOrZeros } from '../tensors/nativeOps.js';
import { isStepRecorded } from '../tensors/stepInput.js';
import { alias } from '../tensors/tensors.js';
import type { Snapshot, Statistics } from '../loss/statistics.js';
import type { Evaluate, Evaluation, EvaluationPoint } from '../variant/variant.js';
import { vectorFault, add, type WeightVector } from '../tensors/weightVector.js';

/** Runs one pass that must leave no trace; an adapter that knows the model hides its metrics meanwhile. */
export type ExtraPass = <T>(pass: () => T) => T;

/** The loss turned out to depend on variables that it did not depend on before. */
export class NewlyConnected extends Error {
  constructor(readonly variables: readonly tf.Variable[]) {
    super(`the loss now depends on ${variables.map(({ name }) => name).join(', ')} too`);
  }
}

interface EvaluatorSetup {
  /** All variables of the optimizer; `active[i]` says whether this step trains variable i. */
  readonly variables: readonly tf.Variable[];
  readonly active: readonly boolean[];
  /**
   * Variables that the loss is believed not to depend on; a pass that finds otherwise throws {@link NewlyConnected}.
   */
  readonly watched?: readonly tf.Variable[] | undefined;
  readonly loss: LossFunction;
  /** Micro-batches that every pass is cut into. */
  readonly accumulate: number;
  readonly statistics: Statistics;
  readonly extraPass: ExtraPass;
}

/** What a pass is asked for. */
interface Pass {
  readonly only: readonly boolean[] | undefined;
  /** False for data held out of training. */
  readonly isTrained: boolean;
  /** How it goes over the parts of the batch. */
  readonly passes: PartPasses;
}

/**
 * Evaluates losses and gradients around the current weights, and alone touches the variables: it sets theta + offset by
 * `assign`, and puts the very same saved tensors back. The first evaluation of each distinct loss is that loss's clean
 * pass and may move statistics; every other pass leaves them as that one left them.
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
  /** The evaluator at theta_{t+1}, once the base has stepped. */
  #next: Evaluator | undefined;
  readonly #seen = new Set<LossFunction>();
  /** Variables that passes over the step's data were asked for a gradient of, and those that had one. */
  readonly #asked = new Set<tf.Variable>();
  readonly #reached = new Set<tf.Variable>();
  /** Batches of which the variant takes part by part, and what their passes made of the statistics so far. */
  readonly #begun = new Map<readonly BatchPart[], PartStatistics>();
  /** A clean pass done before the variant asked for it, with the statistics it left. */
  #ahead: { readonly evaluation: Evaluation; readonly statistics: Snapshot } | undefined;

  constructor(setup: EvaluatorSetup, before: Snapshot = setup.statistics.snapshot()) {
    this.#setup = setup;
    this.#before = before;
    this.#statisticsNow = before;
    this.weights = setup.variables.map((variable) => alias(variable));
  }

  /** Hands over a clean pass of the step's loss that had to be done to find the variables. */
  prepend(evaluation: Evaluation, statistics: Snapshot): void {
    this.#ahead = { evaluation, statistics };
  }

  /**
   * Which variables the step trains, after its passes. Where no list was passed, one that no pass found the loss to
   * depend on rests: the missing gradients tell, at no cost.
   */
  get active(): readonly boolean[] {
    const { variables, active, watched } = this.#setup;
    if (watched === undefined) return active;
    return variables.map((v, i) => active[i] === true && (this.#reached.has(v) || !this.#asked.has(v)));
  }

  /** Undoes what passes did to statistics; for a step that failed. */
  rollBack(): void {
    this.#setup.statistics.restore(this.#before);
  }

  /** Frees what outlived the variant's own `tidy`s for the sake of the memo, but for the tensors of `except`. */
  release(except?: ReadonlySet<tf.Tensor>): void {
    for (const evaluation of this.#memo.values()) {
      for (const tensor of tensorsOf(evaluation)) if (!except?.has(tensor)) tensor.dispose();
    }
    this.#next?.release(except);
    this.#setup.statistics.release();
  }

  readonly evaluate: Evaluate = (at = {}) => {
    const loss = at.loss ?? this.#setup.loss;
    if (moves(at).length > 0 || at.exampleWeights !== undefined) return this.#evaluate(loss, at);
    const known = this.#memo.get(loss) ?? this.#takeAhead(loss);
    if (known !== undefined) {
      const shown = at.perExample === true ? this.#withExamples(loss, known) : known;
      return at.only === undefined ? shown : this.#masked(shown, at.only);
    }
    const evaluation = this.#evaluate(loss, at);
    return at.only === undefined ? this.#remember(loss, evaluation) : evaluation;
  };

  readonly evaluatePerExample = (at: Pick<EvaluationPoint, 'offset' | 'loss'> = {}): tf.Tensor1D =>
    this.#perExample(at.loss ?? this.#setup.loss, moves(at));

  readonly evaluateOutputGradient = (at: Pick<EvaluationPoint, 'loss'> = {}): tf.Tensor => {
    const loss = at.loss ?? this.#setup.loss;
    return this.#traceless(() =>
      this.#at([], () => gradientByOutputs(this.#micro(loss), this.#extra, 'evaluateOutputGradient')),
    );
  };

  /** The same around theta_{t+1}, where every pass is an extra one. Counts on here. */
  after(): { readonly weights: WeightVector; readonly evaluate: Evaluate } {
    // Statistics are those of now: a pending step is taken long after the snapshots of its passes were freed.
    const next = new Evaluator({ ...this.#setup, watched: undefined });
    this.#next = next;
    const evaluate: Evaluate = (at) => {
      const before = next.gradientEvaluations;
      const evaluation = next.evaluate({ ...at, updateStatistics: false });
      this.gradientEvaluations += next.gradientEvaluations - before;
      return evaluation;
    };
    return { weights: next.weights, evaluate };
  }

  #perExample(loss: LossFunction, by: readonly Move[] = []): tf.Tensor1D {
    requireAccess(loss, 'perExample', 'evaluatePerExample');
    const pass = (): tf.Tensor1D => tf.tidy(() => examplesOf(this.#micro(loss), this.#extra));
    return this.#traceless(() => this.#at(by, pass));
  }

  /** An evaluation with the losses of its examples, by a pass of their own where it has not shown them. */
  #withExamples(loss: LossFunction, known: Evaluation, by: readonly Move[] = []): Evaluation {
    return known.perExample === undefined ? { ...known, perExample: this.#perExample(loss, by) } : known;
  }

  #remember(loss: LossFunction, evaluation: Evaluation): Evaluation {
    for (const tensor of tensorsOf(evaluation)) tf.keep(tensor);
    this.#memo.set(loss, evaluation);
    return evaluation;
  }

  #takeAhead(loss: LossFunction): Evaluation | undefined {
    if (this.#ahead === undefined || loss !== this.#setup.loss) return undefined;
    const { evaluation, statistics } = this.#ahead;
    this.#ahead = undefined;
    this.gradientEvaluations += this.#micro(loss).length;
    this.#setup.statistics.restore(statistics);
    this.#statisticsNow = statistics;
    this.#seen.add(loss);
    return this.#remember(loss, evaluation);
  }

  #evaluate(loss: LossFunction, at: EvaluationPoint): Evaluation {
    const { exampleWeights, perExample, updateStatistics = true } = at;
    const isChosenLater = asksLater(at.only);
    const only = isChosenLater ? undefined : chosenNow(at.only);
    const by = moves(at);
    const weighted =
      exampleWeights === undefined
        ? loss
        : requireAccess(loss, 'weighted', 'an evaluation with exampleWeights')(exampleWeights);
    const isExtra = !updateStatistics || this.#seen.has(loss);
    const passes = isExtra ? this.#extra : cleanPasses(this.#setup.statistics, this.#statisticsNow);
    const pass = (): Evaluation =>
      this.#at(by, () => {
        const parts = this.#micro(weighted);
        const take = (taken: readonly BatchPart[]): Evaluation =>
          this.#gradient(taken, { only, isTrained: updateStatistics, passes });
        return perExample === true ? this.#observed(parts, take) : take(parts);
      });
    const found = isExtra ? this.#traceless(pass) : this.#clean(loss, pass);
    const evaluation = isChosenLater ? this.#masked(found, at.only) : found;
    return perExample === true ? this.#withExamples(weighted, evaluation, by) : evaluation;
  }

  get #extra(): PartPasses {
    return extraPasses(this.#setup.statistics, this.#statisticsNow);
  }

  /**
   * The first pass of a loss, which moves statistics: of a part of a batch, so that all parts together move them once.
   */
  #clean<T>(loss: LossFunction, pass: () => T): T {
    const { statistics } = this.#setup;
    const beside = partsBeside(loss);
    const part = beside?.find((each) => each.loss === loss);
    let result: T;
    if (beside === undefined || part === undefined) {
      result = pass();
    } else {
      const moves = this.#begun.get(beside) ?? new PartStatistics(statistics, this.#statisticsNow);
      this.#begun.set(beside, moves);
      result = moves.during(part, beside.length, pass);
    }
    this.#seen.add(loss);
    this.#statisticsNow = statistics.snapshot(this.#statisticsNow);
    return result;
  }

  #traceless<T>(pass: () => T): T {
    try {
      return this.#setup.extraPass(pass);
    } finally {
      this.#setup.statistics.restore(this.#statisticsNow);
    }
  }

  /** Runs `pass` with the variables at theta + shift + offset. */
  #at<T>(by: readonly Move[], pass: () => T): T {
    if (this.#next !== undefined) {
      throw new FlatminError(
        'STATE_INVALID',
        'step.evaluate was called for a new pass in afterUpdate, when the weights had already moved to theta_{t+1}. ' +
          'Use the evaluate that afterUpdate gets.',
      );
    }
    if (by.length === 0) return ofTheLoss(pass);
    const { variables, active } = this.#setup;
    for (const { name, vector } of by) {
      const fault = vectorFault(vector, this.weights);
      if (fault === undefined) continue;
      throw new FlatminError('STATE_INVALID', `${name} ${fault}. Give one tensor per variable, in its shape.`);
    }
    const moved = tf.tidy(() => by.reduce((at, { vector }) => add(at, vector), this.weights) as tf.Tensor[]);
    try {
      variables.forEach((variable, i) => active[i] && variable.assign(moved[i] as tf.Tensor));
      return ofTheLoss(pass);
    } finally {
      variables.forEach((variable, i) => active[i] && variable.assign(this.weights[i] as tf.Tensor));
      tf.dispose([...moved]);
    }
  }

  /** `take` with parts that show their examples as they go, where all of them can. */
  #observed(parts: readonly BatchPart[], take: (parts: readonly BatchPart[]) => Evaluation): Evaluation {
    if (parts.some(({ loss }) => loss.observed === undefined)) return take(parts);
    const shown: tf.Tensor1D[] = [];
    const observed = parts.map((part) => {
      const show = (examples: tf.Tensor1D): void => void shown.push(tf.keep(examplesIn(part, examples).clone()));
      return { ...part, loss: () => (part.loss as Required<LossFunction>).observed(show) };
    });
    try {
      const evaluation = take(observed);
      // Kept beyond the scope of the gradient; what is joined belongs to the caller's.
      const examples = tf.tidy(() => joined(shown.map((each, i) => asOfWhole(each, parts[i] as BatchPart))));
      return { ...evaluation, perExample: examples };
    } finally {
      tf.dispose(shown);
    }
  }

  #gradient(parts: readonly BatchPart[], { only, isTrained, passes }: Pass): Evaluation {
    const { variables, active } = this.#setup;
    const watched = only === undefined && isTrained ? (this.#setup.watched ?? []) : [];
    const wanted = variables.filter((_, i) => active[i] && (only?.[i] ?? true));
    if (wanted.length === 0) {
      return { loss: lossOfParts(parts, passes), gradient: variables.map((v) => tf.zerosLike(v as tf.Tensor)) };
    }
    this.gradientEvaluations += parts.length;
    const { loss: value, gradients } = accumulatedGradients(parts, [...wanted, ...watched], passes);
    const connected = watched.filter((variable) => gradients.get(variable) !== null);
    if (connected.length > 0) throw new NewlyConnected(connected);
    if (isTrained) this.#noteReached(wanted, gradients);
    return { loss: value, gradient: variables.map((v) => gradients.get(v) ?? tf.zerosLike(v as tf.Tensor)) };
  }

  #noteReached(asked: readonly tf.Variable[], gradients: ReadonlyMap<tf.Variable, tf.Tensor | null>): void {
    for (const variable of asked) {
      this.#asked.add(variable);
      if (gradients.get(variable) !== null) this.#reached.add(variable);
    }
  }

  /** The micro-batches of a loss. That of the step must have some; one held out of training may come whole. */
  #micro(loss: LossFunction): readonly BatchPart[] {
    const isWhole = loss !== this.#setup.loss && loss.split === undefined;
    return batchParts(loss, isWhole ? 1 : this.#setup.accumulate, 'accumulate');
  }

  #masked({ gradient, ...others }: Evaluation, only: Only): Evaluation {
    if (asksLater(only)) return { ...others, gradient: chosenOrZeros(gradient, only) };
    const chosen = chosenNow(only);
    return { ...others, gradient: gradient.map((tensor, i) => (chosen[i] === false ? tf.zerosLike(tensor) : tensor)) };
  }
}

type Only = NonNullable<EvaluationPoint['only']>;

/** Whether a replay of the step asks again which gradients are wanted. */
const asksLater = (only: Only | undefined): only is () => readonly boolean[] =>
  typeof only === 'function' && isStepRecorded();

const chosenNow = <T extends Only | undefined>(only: T) =>
  (typeof only === 'function' ? only() : only) as T extends Only ? readonly boolean[] : undefined;

/** One of what is added to theta. */
interface Move {
  readonly name: string;
  readonly vector: WeightVector;
}

function moves({ shift, offset }: Pick<EvaluationPoint, 'shift' | 'offset'>): readonly Move[] {
  return [
    ...(shift === undefined ? [] : [{ name: 'a shift', vector: shift }]),
    ...(offset === undefined ? [] : [{ name: 'an offset', vector: offset }]),
  ];
}

function tensorsOf({ loss, gradient, perExample }: Evaluation): readonly tf.Tensor[] {
  return [loss, ...gradient, ...(perExample === undefined ? [] : [perExample])];
}
