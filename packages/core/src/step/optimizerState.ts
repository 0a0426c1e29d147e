import * as tf from '@tensorflow/tfjs-core';
import { ownedBy } from '../base/owned.js';
import { type Bound, LoadedCheckpoint, writeCheckpoint } from './checkpoint.js';
import { FlatminError } from '../errors/errors.js';
import type { ParameterInfo } from '../variant/parameters.js';
import type { OptimizerSetup } from './setup.js';
import { scheduleAt, type ScheduleSpec } from '../variant/schedule.js';
import { holdsPerVariable, type NamedTensor, tensorsOf } from '../tensors/stateTree.js';
import type { Selection } from './trainedVariables.js';
import type { WeightVector } from '../tensors/weightVector.js';

/** rho as it was set from outside; it replaces the state's at the next step. */
export interface SetRadius {
  readonly value: number;
}

/**
 * What lives between steps: the variant's state, the step count, the seed, rho where no state holds it, and a loaded
 * checkpoint until the variables are known that it belongs to.
 */
export class OptimizerState {
  /** Updates done. */
  index = 0;
  seed: number;
  readonly #setup: OptimizerSetup;
  #tree: unknown;
  #started = false;
  /** rho where the variant keeps none. */
  #radius: ScheduleSpec | undefined;
  #set: SetRadius | undefined;
  #loaded: LoadedCheckpoint | undefined;

  constructor(setup: OptimizerSetup) {
    this.#setup = setup;
    this.seed = setup.seed;
    this.#radius = setup.radius;
  }

  /** The tensors of the variant's state. */
  get tensors(): ReadonlySet<tf.Tensor> {
    return tensorsOf(this.#tree);
  }

  /** True where a loaded checkpoint waits for its variables. */
  get isWaiting(): boolean {
    return this.#loaded !== undefined;
  }

  /** The state of the variant. */
  get tree(): unknown {
    return this.#tree;
  }

  /** True where a rho that was set waits for the next step, to stand in its state. */
  get isRadiusSet(): boolean {
    return this.#set !== undefined;
  }

  /** True once there is a state, and no other one waits. */
  get isCurrent(): boolean {
    return this.#started && !this.isWaiting;
  }

  /** That of the base; NaN where there is none. */
  get learningRate(): number {
    return this.#setup.base?.learningRate ?? Number.NaN;
  }

  /** rho of the step to come by its schedule; 0 where there is none. */
  get scheduledRadius(): number {
    const { totalSteps } = this.#setup;
    return scheduleAt(this.#radius ?? 0, { index: this.index, totalSteps, learningRate: this.learningRate });
  }

  get radius(): number {
    const { variant } = this.#setup;
    if (variant.learnedRadius === undefined) return this.scheduledRadius;
    if (this.#set !== undefined) return this.#set.value;
    const tree = this.#loaded === undefined ? this.#tree : this.#loaded.state();
    return tree === undefined
      ? variant.learnedRadius.initial
      : (variant.learnedRadius.read(tree).dataSync()[0] as number);
  }

  set radius(value: number) {
    if (this.#setup.variant.learnedRadius === undefined) this.#radius = value;
    else this.#set = { value };
  }

  /**
   * What a step starts from, and the radius that was set for it: the state of the last step, or the variant's first.
   */
  next(weights: WeightVector): { readonly state: unknown; readonly setRadius: SetRadius | undefined } {
    const { variant } = this.#setup;
    const state = this.#started ? this.#tree : variant.initialState(weights);
    const setRadius = this.#set;
    if (setRadius === undefined || variant.learnedRadius === undefined) return { state, setRadius: undefined };
    return { state: variant.learnedRadius.write(state, tf.scalar(setRadius.value)), setRadius };
  }

  /** Ends a step: its state becomes the current one. */
  advance(tree: unknown, setRadius: SetRadius | undefined): void {
    this.#adopt(tree);
    this.index++;
    if (this.#set === setRadius) this.#set = undefined; // Else it was set while the step was pending: for the next one.
  }

  /** Refuses variables that a state of the ones before has nothing for. */
  refuseNew(known: number, { variables: { length: count } }: Selection): void {
    if (!this.#started || count === known || !holdsPerVariable(this.#tree, known)) return;
    throw new FlatminError(
      'VARIABLES_CHANGED',
      `this step has ${count - known} variables that the steps before did not have, and the state of ` +
        `${this.#setup.variant.id} covers only the ${known} that it knows. Create a new optimizer for the larger model.`,
    );
  }

  /**
   * A selection in the order of a checkpoint that waits for it, so that every sum rounds as in the run that was saved.
   */
  inSavedOrder(selection: Selection): Selection {
    const order = this.#loaded?.order(selection.variables);
    if (order === undefined) return selection;
    const sort = <T>(items: readonly T[]): readonly T[] => order.map((i) => items[i] as T);
    const { active, found, variables } = selection;
    return {
      ...selection,
      variables: sort(variables),
      active: sort(active),
      ...(found === undefined ? {} : { found: { loss: found.loss, gradient: sort(found.gradient) } }),
    };
  }

  /** Makes a checkpoint that waits for these variables the current state; undefined where there is none. */
  bind(variables: readonly tf.Variable[]): Bound | undefined {
    if (this.#loaded === undefined) return undefined;
    const bound = this.#loaded.bind(variables, this.#setup.base);
    if (bound.state !== undefined) this.#adopt(bound.state);
    this.#loaded.dispose();
    this.#loaded = undefined;
    return bound;
  }

  /**
   * Everything that decides the next step; the tensors belong to the caller.
   *
   * @param training gives the weights that train, where the variables hold others.
   */
  async save(parameters: readonly ParameterInfo[], training: () => WeightVector | undefined): Promise<NamedTensor[]> {
    ownedBy(this.#setup.base);
    const base = (await this.#setup.base?.save()) ?? { slots: {}, scalars: {} };
    const copies: NamedTensor[] = [];
    tf.tidy(() => {
      const entries = this.#loaded?.entries(this.#numbers()) ?? this.#write(parameters, base, training());
      for (const { name, tensor } of entries) copies.push({ name, tensor: tf.keep(tensor.clone()) });
    });
    return copies;
  }

  /** Resumes from what {@link save} gave, as soon as the variables are known. */
  async load(entries: unknown): Promise<void> {
    const { base, variant } = this.#setup;
    const loaded = await LoadedCheckpoint.read(entries, variant);
    try {
      await loaded.restoreWithoutVariables(base);
    } catch (error) {
      loaded.dispose();
      throw error;
    }
    this.dispose();
    this.#loaded = loaded;
    const { index, seed, learningRate, radius } = loaded.numbers;
    this.index = index;
    this.seed = seed;
    if (base !== undefined && typeof learningRate === 'number') base.learningRate = learningRate;
    if (variant.learnedRadius === undefined) this.#radius = radius as ScheduleSpec | undefined;
    else this.#set = radius === undefined ? undefined : { value: radius as number };
  }

  dispose(): void {
    this.#loaded?.dispose();
    this.#loaded = undefined;
    tf.dispose([...this.tensors]);
    this.#tree = undefined;
    this.#started = false;
  }

  /** Makes a state the current one: keeps its tensors and frees those that only the last one held. */
  #adopt(tree: unknown): void {
    const next = tensorsOf(tree);
    for (const tensor of next) tf.keep(tensor);
    for (const tensor of this.tensors) if (!next.has(tensor)) tensor.dispose();
    this.#tree = tree;
    this.#started = true;
  }

  #write(
    variables: readonly ParameterInfo[],
    base: Parameters<typeof writeCheckpoint>[0]['base'],
    training: WeightVector | undefined,
  ): NamedTensor[] {
    const { id } = this.#setup.variant;
    return writeCheckpoint({ id, numbers: this.#numbers(), variables, state: this.#tree, base, training });
  }

  #numbers(): Parameters<typeof writeCheckpoint>[0]['numbers'] {
    const { learningRate } = this;
    const { variant } = this.#setup;
    const radius = variant.learnedRadius === undefined ? this.#radius : this.#set?.value;
    return {
      index: this.index,
      seed: this.seed,
      ...(Number.isNaN(learningRate) ? {} : { learningRate }),
      ...(radius === undefined ? {} : { radius }),
    };
  }
}
