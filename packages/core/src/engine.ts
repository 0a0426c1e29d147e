import * as tf from '@tensorflow/tfjs-core';
import { Evaluator, type ExtraPass, NewlyConnected } from './evaluation.js';
import type { StepFigures } from './lastStep.js';
import type { LossFunction } from './loss.js';
import { OptimizerState, type SetRadius } from './optimizerState.js';
import type { Recipe } from './recipe.js';
import { type NamedTensor, tensorsOf } from './stateTree.js';
import { Statistics } from './statistics.js';
import {
  clipped,
  commit,
  type Estimate,
  estimate,
  figuresOf,
  messageOf,
  type Settled,
  settleError,
} from './stepRunner.js';
import { type Selection, TrainedVariables } from './trained.js';

/** A step that was computed, and what it found set. */
interface Computed extends Estimate {
  readonly setRadius: SetRadius | undefined;
}

/** A step that was computed and is not yet taken; its tensors are kept. */
interface Pending extends Computed {
  readonly kept: ReadonlySet<tf.Tensor>;
}

/** Takes steps: computes them, hands the gradient to the base, and keeps state, variables and figures in step. */
export class Engine {
  extraPass: ExtraPass = (pass) => pass();
  figures: StepFigures | undefined;
  readonly #recipe: Recipe;
  readonly #trained: TrainedVariables;
  readonly #state: OptimizerState;
  #pending: Pending | undefined;
  #warned = false;

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
    this.#trained = new TrainedVariables(recipe.roles);
    this.#state = new OptimizerState(recipe);
  }

  get radius(): number {
    return this.#state.radius;
  }

  set radius(value: number) {
    this.#state.radius = value;
  }

  /** A whole step; the loss belongs to the caller's scope. */
  step(loss: LossFunction, list: readonly tf.Variable[] | undefined): tf.Scalar {
    this.#discard();
    return tf.tidy(() => {
      const computed = this.#compute(loss, list);
      const { evaluator, outcome } = computed;
      try {
        this.#take(computed, this.#commit(computed));
        return outcome.loss.clone(); // The state may hold the loss too.
      } finally {
        evaluator.release(this.#state.tensors);
      }
    });
  }

  /** Computes a step and holds it pending; loss and gradients belong to the caller. */
  hold(loss: LossFunction, list: readonly tf.Variable[] | undefined): { value: tf.Scalar; grads: tf.NamedTensorMap } {
    this.#discard();
    tf.tidy(() => {
      const computed = this.#compute(loss, list);
      const { outcome, step, evaluator } = computed;
      const kept = tensorsOf([outcome, step.state, step.radius, step.learningRate, evaluator.weights]);
      for (const tensor of kept) tf.keep(tensor);
      this.#pending = { ...computed, kept };
    });
    const { outcome, selection } = this.#pending as unknown as Pending;
    const named = selection.variables.flatMap(({ name }, i) => {
      const gradient = outcome.gradient?.[i];
      return gradient !== undefined && selection.active[i] ? [[name, gradient.clone()] as const] : [];
    });
    return { value: outcome.loss.clone(), grads: Object.fromEntries(named) };
  }

  /** Takes the pending step with these gradients; without one, a plain step of the base. */
  apply(gradients: ReadonlyMap<string, tf.Tensor | null>): void {
    const pending = this.#pending;
    if (pending === undefined) return tf.tidy(() => this.#applyAlone(gradients));
    const { outcome, selection } = pending;
    tf.tidy(() => {
      const given = selection.variables.map(({ name }) => gradients.get(name) ?? undefined);
      const settled = commit(pending, this.#recipe, outcome.gradient === undefined ? undefined : given);
      this.#pending = undefined;
      try {
        if (settled.failure !== undefined) this.#warn(settled.failure);
        this.#take(pending, { state: settled.state, report: settled.report });
      } finally {
        this.#free(pending);
      }
    });
  }

  /** Everything that decides the next step; the tensors belong to the caller. */
  async save(): Promise<NamedTensor[]> {
    return this.#state.save(this.#trained.parameters);
  }

  /** Resumes from what {@link save} gave, as soon as the variables are known. */
  async load(entries: readonly NamedTensor[]): Promise<void> {
    await this.#state.load(entries);
    this.#discard();
  }

  dispose(): void {
    this.#discard();
    this.figures?.dispose();
    this.#state.dispose();
  }

  /** A step that is not yet taken. A throw leaves weights and statistics as before. */
  #compute(loss: LossFunction, list: readonly tf.Variable[] | undefined, watch = true): Computed {
    const { base, accumulate } = this.#recipe;
    const exempt = new Set(base?.owned());
    const statistics = new Statistics(exempt);
    const before = statistics.snapshot();
    let evaluator: Evaluator | undefined;
    try {
      const chosen = this.#trained.select(loss, list, exempt, accumulate);
      const moved = chosen.found && statistics.snapshot(before);
      statistics.restore(before);
      const selection = this.#bound(chosen);
      const { variables, active, found } = selection;
      const watched = watch ? selection.watched : undefined;
      const passes = { loss, accumulate, statistics, extraPass: this.extraPass };
      evaluator = new Evaluator({ variables, active, watched, ...passes }, before);
      if (found !== undefined && moved !== undefined) evaluator.prepend(found, moved);
      const { state, setRadius } = this.#state.next(evaluator.weights);
      const { index, seed, radiusSpec } = this.#state;
      const parameters = this.#trained.describe(selection);
      const position = { radius: radiusSpec, index, seed, state, parameters };
      return { ...estimate({ recipe: this.#recipe, ...position, loss, selection }, evaluator), setRadius };
    } catch (error) {
      statistics.restore(before);
      evaluator?.release(this.#state.tensors);
      statistics.release();
      if (!watch || !(error instanceof NewlyConnected)) throw error;
      this.#trained.lookAgainAt(error.variables);
      return this.#compute(loss, list, false);
    }
  }

  /** The selection in the order of the checkpoint that waits for it, if one does, which then becomes the state. */
  #bound(chosen: Selection): Selection {
    this.#state.refuseNew(this.#trained.all.length, chosen);
    const selection = this.#state.inSavedOrder(chosen);
    if (this.#state.bind(selection.variables)) this.#trained.adopt(selection);
    return selection;
  }

  #commit(computed: Computed): Settled {
    try {
      return commit(computed, this.#recipe);
    } catch (error) {
      computed.evaluator.rollBack();
      throw error;
    }
  }

  #take(computed: Computed, settled: Settled): void {
    const figures = figuresOf(computed, settled.report); // Before the old state goes, of which they may be part.
    this.#trained.adopt(computed.selection);
    this.#state.advance(settled.state, computed.setRadius);
    this.figures?.dispose();
    this.figures = figures;
    if (settled.failure !== undefined) throw settleError(computed.step.index, settled.failure);
  }

  #applyAlone(gradients: ReadonlyMap<string, tf.Tensor | null>): void {
    const { base, clipNorm } = this.#recipe;
    const selection = this.#bound(this.#trained.named([...gradients.keys()]));
    const { variables } = selection;
    const given = variables.map(({ name }) => gradients.get(name) ?? undefined);
    const present = given.filter((tensor) => tensor !== undefined);
    const scaled = clipNorm === undefined ? present : clipped(present, clipNorm);
    const wanted = given.map((tensor) => tensor && scaled[present.indexOf(tensor)]);
    base?.apply(variables, wanted, this.#trained.describe(selection));
    this.#trained.adopt(selection);
    this.#state.index++;
    this.figures?.dispose();
    this.figures = undefined;
  }

  /** Says once that a pending step was taken without what follows it: its loss may not work any more. */
  #warn(failure: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#recipe.logger.warn(
      `flatmin: applyGradients took the step, but what follows it failed (${messageOf(failure)}). Use minimize(loss).`,
    );
  }

  #discard(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) this.#free(pending);
  }

  /** Frees what a pending step kept, but for the tensors of the current state. */
  #free({ kept, evaluator }: Pending): void {
    const current = this.#state.tensors;
    for (const tensor of kept) if (!current.has(tensor)) tensor.dispose();
    evaluator.release(current);
  }
}
