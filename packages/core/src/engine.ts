import * as tf from '@tensorflow/tfjs-core';
import { LoadedCheckpoint, writeCheckpoint } from './checkpoint.js';
import { FlatminError } from './errors.js';
import { Evaluator, type ExtraPass } from './evaluation.js';
import type { StepFigures } from './lastStep.js';
import type { LossFunction } from './loss.js';
import type { Recipe } from './recipe.js';
import { radiusAt, type RadiusSpec } from './schedule.js';
import { type NamedTensor, tensorsOf } from './stateTree.js';
import { Statistics } from './statistics.js';
import {
  clipped,
  commit,
  estimate,
  type Estimate,
  figuresOf,
  type Settled,
  settleError,
  warnOfSettle,
} from './stepRunner.js';
import { type Selection, TrainedVariables } from './trained.js';

/** A step that was computed and is not yet taken; its tensors are kept. */
interface Pending extends Estimate {
  readonly kept: ReadonlySet<tf.Tensor>;
}

/**
 * Takes steps, and owns what lives between them: the variables in their order, the variant's state, the step count, rho
 * where no state holds it, and the figures of the last step.
 */
export class Engine {
  extraPass: ExtraPass = (pass) => pass();
  figures: StepFigures | undefined;
  readonly #recipe: Recipe;
  readonly #trained: TrainedVariables;
  #state: unknown;
  #started = false;
  #index = 0;
  #seed: number;
  #radius: RadiusSpec | undefined;
  /** rho that was set before the first step of a variant that keeps it in its state. */
  #startRadius: number | undefined;
  #pending: Pending | undefined;
  #loaded: LoadedCheckpoint | undefined;

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
    this.#trained = new TrainedVariables(recipe.roles);
    this.#seed = recipe.seed;
    this.#radius = recipe.radius;
  }

  /** A whole step; the loss belongs to the caller's scope. */
  step(loss: LossFunction, list: readonly tf.Variable[] | undefined): tf.Scalar {
    this.#discard();
    return tf.tidy(() => {
      const estimated = this.#estimate(loss, list);
      this.#take(estimated, commit(estimated, this.#recipe));
      return estimated.outcome.loss.clone(); // The state may hold the loss too.
    });
  }

  /** Computes a step and holds it pending; loss and gradients belong to the caller. */
  hold(loss: LossFunction, list: readonly tf.Variable[] | undefined): { value: tf.Scalar; grads: tf.NamedTensorMap } {
    this.#discard();
    let pending: Pending | undefined;
    tf.tidy(() => {
      const estimated = this.#estimate(loss, list);
      const { outcome, step, evaluator } = estimated;
      const kept = tensorsOf([outcome, step.state, step.radius, step.learningRate, evaluator.weights]);
      for (const tensor of kept) tf.keep(tensor);
      pending = { ...estimated, kept };
    });
    this.#pending = pending;
    const { outcome, selection } = pending as unknown as Pending;
    const named = selection.variables.flatMap(({ name }, i) => {
      const gradient = outcome.gradient?.[i];
      return gradient !== undefined && selection.active[i] ? [[name, gradient.clone()] as const] : [];
    });
    return { value: outcome.loss.clone(), grads: Object.fromEntries(named) };
  }

  /** Takes the pending step with these gradients; without one, a plain step of the base. */
  apply(gradients: ReadonlyMap<string, tf.Tensor | null>): void {
    const pending = this.#pending;
    this.#pending = undefined;
    tf.tidy(() => {
      if (pending === undefined) return this.#applyAlone(gradients);
      const { outcome, selection } = pending;
      const given = selection.variables.map((v) => gradients.get(v.name) ?? tf.zerosLike(v as tf.Tensor));
      const settled = commit(pending, this.#recipe, outcome.gradient === undefined ? undefined : given);
      if (settled.failure !== undefined) warnOfSettle(settled.failure);
      this.#take(pending, { state: settled.state, report: settled.report });
    });
    if (pending !== undefined) this.#free(pending.kept);
  }

  get radius(): number {
    const { variant, totalSteps, base } = this.#recipe;
    if (variant.learnedRadius === undefined) {
      const learningRate = base?.learningRate ?? Number.NaN;
      return radiusAt(this.#radius ?? 0, { index: this.#index, totalSteps, learningRate });
    }
    if (!this.#started) return this.#startRadius ?? variant.learnedRadius.initial;
    return variant.learnedRadius.read(this.#state).dataSync()[0] as number;
  }

  set radius(value: number) {
    const { learnedRadius } = this.#recipe.variant;
    if (learnedRadius === undefined) this.#radius = value;
    else if (!this.#started) this.#startRadius = value;
    else tf.tidy(() => this.#adopt(learnedRadius.write(this.#state, tf.scalar(value))));
  }

  /** Everything that decides the next step; the tensors belong to the caller. */
  async save(): Promise<NamedTensor[]> {
    const base = (await this.#recipe.base?.save()) ?? { slots: {}, scalars: {} };
    const copies: NamedTensor[] = [];
    tf.tidy(() => {
      const entries = this.#loaded?.entries() ?? this.#write(base);
      for (const { name, tensor } of entries) copies.push({ name, tensor: tf.keep(tensor.clone()) });
    });
    return copies;
  }

  /** Resumes from what {@link save} gave, as soon as the variables are known. */
  async load(entries: readonly NamedTensor[]): Promise<void> {
    const loaded = await LoadedCheckpoint.read(entries, this.#recipe.variant.id);
    await loaded.restoreWithoutVariables(this.#recipe.base);
    this.#discard();
    this.#loaded?.dispose();
    this.#loaded = loaded;
    const { index, seed, learningRate, radius } = loaded.numbers;
    this.#index = index;
    this.#seed = seed;
    if (this.#recipe.base !== undefined && learningRate !== undefined) this.#recipe.base.learningRate = learningRate;
    if (this.#recipe.variant.learnedRadius === undefined) this.#radius = radius as RadiusSpec | undefined;
    else this.#startRadius = radius as number | undefined;
  }

  dispose(): void {
    this.#discard();
    this.figures?.dispose();
    this.#loaded?.dispose();
    tf.dispose([...tensorsOf(this.#state)]);
    this.#state = undefined;
  }

  #estimate(loss: LossFunction, list: readonly tf.Variable[] | undefined): Estimate {
    const recipe = this.#recipe;
    const exempt = new Set(recipe.base?.owned());
    const statistics = new Statistics(exempt);
    const before = statistics.snapshot();
    const chosen = this.#trained.select(loss, list, exempt);
    this.#refuseNewVariables(chosen.variables.length);
    const moved = chosen.found && statistics.snapshot(before);
    statistics.restore(before);
    const selection = this.#inSavedOrder(chosen);
    this.#trained.adopt(selection);
    const { variables, active } = selection;
    const evaluator = new Evaluator({ variables, active, loss, statistics, extraPass: this.extraPass }, before);
    if (selection.found !== undefined && moved !== undefined) evaluator.prepend(selection.found, moved);
    const state = this.#stateFor(variables, evaluator);
    const { parameters } = this.#trained;
    const position = { radius: this.#radius, index: this.#index, seed: this.#seed };
    return estimate({ recipe, ...position, state, parameters, loss, selection }, evaluator);
  }

  /** The state of the step: the last one's, the one loaded, or the variant's first. */
  #stateFor(variables: readonly tf.Variable[], { weights }: Evaluator): unknown {
    this.#bindLoaded(variables);
    if (this.#started) return this.#state;
    const { variant } = this.#recipe;
    const state = variant.initialState(weights);
    if (this.#startRadius === undefined || variant.learnedRadius === undefined) return state;
    return variant.learnedRadius.write(state, tf.scalar(this.#startRadius));
  }

  /** A selection in the order of a checkpoint that waits for it, so that every sum rounds as in the run that was saved. */
  #inSavedOrder(selection: Selection): Selection {
    const order = this.#loaded?.order(selection.variables);
    if (order === undefined) return selection;
    const sort = <T>(items: readonly T[]): readonly T[] => order.map((i) => items[i] as T);
    const { active, found, variables } = selection;
    return {
      variables: sort(variables),
      active: sort(active),
      ...(found === undefined ? {} : { found: { loss: found.loss, gradient: sort(found.gradient) } }),
    };
  }

  #bindLoaded(variables: readonly tf.Variable[]): void {
    if (this.#loaded === undefined) return;
    const state = this.#loaded.bind(variables, this.#recipe.base);
    if (state !== undefined) this.#adopt(state);
    this.#loaded.dispose();
    this.#loaded = undefined;
  }

  #refuseNewVariables(count: number): void {
    const known = this.#trained.all.length;
    if (!this.#started || count === known || tensorsOf(this.#state).size === 0) return;
    throw new FlatminError(
      'VARIABLES_CHANGED',
      `this step has ${count - known} variables that the steps before did not have, and the state of ` +
        `${this.#recipe.variant.id} belongs to the ${known} it knows. Create a new optimizer for the larger model.`,
    );
  }

  #take(estimated: Estimate, settled: Settled): void {
    const figures = figuresOf(estimated, settled.report); // Before the old state goes, of which they may be part.
    this.#adopt(settled.state);
    this.#index++;
    this.figures?.dispose();
    this.figures = figures;
    if (settled.failure !== undefined) throw settleError(estimated.step.index, settled.failure);
  }

  /** Makes a state the current one: keeps its tensors and frees those that only the last one held. */
  #adopt(state: unknown): void {
    const next = tensorsOf(state);
    for (const tensor of next) tf.keep(tensor);
    for (const tensor of tensorsOf(this.#state)) if (!next.has(tensor)) tensor.dispose();
    this.#state = state;
    this.#started = true;
  }

  #applyAlone(gradients: ReadonlyMap<string, tf.Tensor | null>): void {
    const { base, clipNorm } = this.#recipe;
    const registered = tf.engine().registeredVariables;
    const list = [...gradients.keys()].flatMap((name) => registered[name] ?? []);
    const selection = this.#inSavedOrder(this.#trained.listed(list));
    this.#refuseNewVariables(selection.variables.length);
    this.#trained.adopt(selection);
    this.#bindLoaded(selection.variables);
    const given = selection.variables.map(({ name }) => gradients.get(name) ?? undefined);
    const present = given.filter((tensor) => tensor !== undefined);
    const scaled = clipNorm === undefined ? present : clipped(present, clipNorm);
    const wanted = given.map((tensor) => tensor && scaled[present.indexOf(tensor)]);
    base?.apply(selection.variables, wanted, this.#trained.parameters);
    this.#index++;
  }

  #write(base: Parameters<typeof writeCheckpoint>[0]['base']): NamedTensor[] {
    const learned = this.#recipe.variant.learnedRadius !== undefined;
    const radius = !learned ? this.#radius : this.#started ? undefined : this.#startRadius;
    return writeCheckpoint({
      id: this.#recipe.variant.id,
      numbers: {
        index: this.#index,
        seed: this.#seed,
        learningRate: this.#recipe.base?.learningRate ?? 0,
        ...(radius === undefined ? {} : { radius }),
      },
      variables: this.#trained.parameters,
      state: this.#state,
      base,
    });
  }

  #discard(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) this.#free(pending.kept);
  }

  /** Frees kept tensors but those of the current state. */
  #free(kept: ReadonlySet<tf.Tensor>): void {
    const current = tensorsOf(this.#state);
    for (const tensor of kept) if (!current.has(tensor)) tensor.dispose();
  }
}
