import * as tf from '@tensorflow/tfjs-core';
import type { ExtraPass } from './evaluator.js';
import { type NamedGradients, refuseUntrained } from './namedGradients.js';
import type { StepFigures } from './stepMetrics.js';
import type { LossFunction } from '../loss/loss.js';
import type { Recipe } from './setup.js';
import { FirstOfItsKind, type StepPosition, type StepReplay, type StepResult } from './replay.js';
import { sharing } from '../tensors/alias.js';
import { type NamedTensor, tensorsOf } from '../tensors/stateTree.js';
import { type Computed, StepMaker } from './stepMaker.js';
import {
  clipped,
  commit,
  figuresOf,
  messageOf,
  orPutBack,
  type Settled,
  settleError,
  stepOfBase,
  trialError,
} from './takeStep.js';

/** A step that was computed and is not yet taken; its tensors are kept. */
interface Pending extends Computed {
  readonly kept: ReadonlySet<tf.Tensor>;
}

/** Takes steps: computes them, hands the gradient to the base, and keeps state, variables and figures in step. */
export class Engine implements StepReplay {
  figures: StepFigures | undefined;
  readonly #recipe: Recipe;
  readonly #maker: StepMaker;
  #pending: Pending | undefined;
  #warned = false;

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
    this.#maker = new StepMaker(recipe);
  }

  set extraPass(extraPass: ExtraPass) {
    this.#maker.extraPass = extraPass;
  }

  get radius(): number {
    return this.#maker.state.radius;
  }

  set radius(value: number) {
    this.#maker.state.radius = value;
  }

  /** A whole step; the loss belongs to the caller's scope. */
  step(loss: LossFunction, list: readonly tf.Variable[] | undefined): tf.Scalar {
    this.#discard();
    return tf.tidy(() => {
      const computed = this.#maker.compute(loss, list);
      const { evaluator, outcome } = computed;
      try {
        this.#take(computed, this.#maker.commit(computed));
        return outcome.loss.clone(); // The state may hold the loss too.
      } finally {
        evaluator.release(this.#maker.state.tensors);
      }
    });
  }

  /** Computes a step and holds it pending; loss and gradients belong to the caller. */
  hold(loss: LossFunction, list: readonly tf.Variable[] | undefined): { value: tf.Scalar; grads: tf.NamedTensorMap } {
    this.#discard();
    tf.tidy(() => {
      const computed = this.#maker.compute(loss, list);
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
  apply(gradients: NamedGradients): void {
    const pending = this.#pending;
    if (pending === undefined) return tf.tidy(() => this.#applyAlone(gradients));
    const { outcome, selection } = pending;
    refuseUntrained(
      gradients,
      new Set(selection.variables.filter((_, i) => selection.active[i]).map(({ name }) => name)),
    );
    tf.tidy(() => {
      const given = selection.variables.map(({ name }) => gradients.get(name) ?? undefined);
      const wanted = outcome.gradient === undefined ? undefined : given;
      const settled = this.#maker.drawing(() => commit(pending, this.#recipe, wanted));
      this.#pending = undefined;
      try {
        if (settled.failure !== undefined) this.#warn(settled.failure);
        this.#take(pending, { state: settled.state, report: settled.report });
      } finally {
        this.#free(pending);
      }
    });
  }

  bindLoaded(loss: () => LossFunction, list: readonly tf.Variable[] | undefined): void {
    this.#maker.bindLoaded(loss, list);
  }

  position(list: readonly tf.Variable[] | undefined): StepPosition | undefined {
    return this.#maker.position(list);
  }

  trial<T>(loss: LossFunction, list: readonly tf.Variable[] | undefined, read: (left: StepResult) => T): T {
    this.#discard();
    let found: { readonly value: T } | undefined;
    tf.tidy(() => {
      const computed = this.#maker.compute(loss, list);
      const { evaluator, outcome, selection, step } = computed;
      const { base } = this.#recipe;
      // Known only now: a loss may not depend on all that the position said would be trained.
      if (base?.needsEagerStep?.(selection.active) === true) {
        evaluator.rollBack();
        evaluator.release(this.#maker.state.tensors);
        throw new FirstOfItsKind();
      }
      const owned = [...(base?.owned() ?? [])];
      const moved = [...selection.variables, ...owned];
      const before = moved.map((variable) => sharing(variable));
      let figures: StepFigures | undefined;
      try {
        const { state, report, failure } = this.#maker.commit(computed);
        if (failure !== undefined) throw trialError(step.index, failure);
        figures = figuresOf(computed, report);
        found = { value: read({ loss: outcome.loss, state, figures }) };
      } finally {
        figures?.dispose();
        // Slots that did not exist before are none again.
        if (base !== undefined && [...base.owned()].length > owned.length) {
          void base.restore({ slots: {}, scalars: {} }, selection.variables);
        }
        moved.forEach((variable, i) => variable.assign(before[i] as tf.Tensor));
        evaluator.rollBack();
        evaluator.release(this.#maker.state.tensors);
      }
    });
    return (found as unknown as { readonly value: T }).value;
  }

  take({ state, figures }: Pick<StepResult, 'state' | 'figures'>): void {
    this.#discard();
    this.#maker.state.advance(state, undefined);
    this.figures?.dispose();
    this.figures = figures;
  }

  /** Everything that decides the next step; the tensors belong to the caller. */
  async save(): Promise<NamedTensor[]> {
    return this.#maker.state.save(this.#maker.trained.parameters);
  }

  /** Resumes from what {@link save} gave, as soon as the variables are known. */
  async load(entries: unknown): Promise<void> {
    await this.#maker.state.load(entries);
    this.#discard();
  }

  dispose(): void {
    this.#discard();
    this.figures?.dispose();
    this.#maker.state.dispose();
  }

  #take(computed: Computed, settled: Settled): void {
    const figures = figuresOf(computed, settled.report); // Before the old state goes, of which they may be part.
    this.#maker.trained.adopt(computed.selection);
    this.#maker.state.advance(settled.state, computed.setRadius);
    this.figures?.dispose();
    this.figures = figures;
    if (settled.failure !== undefined) throw settleError(computed.step.index, settled.failure);
  }

  #applyAlone(gradients: NamedGradients): void {
    const { base, clipNorm } = this.#recipe;
    const selection = this.#maker.bound(this.#maker.trained.named(gradients.keys()));
    const { variables } = selection;
    const given = variables.map(({ name }) => gradients.get(name) ?? undefined);
    const present = given.filter((tensor) => tensor !== undefined);
    const scaled = clipNorm === undefined ? present : clipped(present, clipNorm);
    const wanted = given.map((tensor) => tensor && scaled[present.indexOf(tensor)]);
    const parameters = this.#maker.trained.describe(selection);
    const { index } = this.#maker.state;
    const before = variables.map((variable) => sharing(variable));
    orPutBack(variables, before, () => base && stepOfBase(base, { variables, gradients: wanted, parameters, index }));
    this.#maker.trained.adopt(selection);
    this.#maker.state.index++;
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
    const current = this.#maker.state.tensors;
    for (const tensor of kept) if (!current.has(tensor)) tensor.dispose();
    evaluator.release(current);
  }
}
