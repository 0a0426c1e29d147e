import * as tf from '@tensorflow/tfjs-core';
import { ownedBy } from '../base/owned.js';
import { FlatminError } from '../errors/errors.js';
import type { LossFunction } from '../loss/loss.js';
import { withLossRandom } from '../loss/lossRandom.js';
import { Statistics } from '../loss/statistics.js';
import { runPlugin, faulty } from '../errors/faults.js';
import { alias } from '../tensors/tensors.js';
import { LiveStream, type RandomStream } from '../tensors/random.js';
import { type NamedTensor, tensorsOf } from '../tensors/stateTree.js';
import { Evaluator, type ExtraPass, NewlyConnected } from './evaluator.js';
import { type NamedGradients, refuseUntrained } from './namedGradients.js';
import { OptimizerState, type SetRadius } from './optimizerState.js';
import { finalGradient } from './finalGradient.js';
import { FirstOfItsKind, type StepPosition, type StepReplay, type StepResult } from './replay.js';
import type { OptimizerSetup } from './setup.js';
import type { PackedMetrics } from './stepMetrics.js';
import {
  afterUpdateError,
  commit,
  endStepOfBase,
  type Estimate,
  estimate,
  messageOf,
  metricsOf,
  orPutBack,
  scalarsAt,
  outlookOf,
  stepOfBase,
  type Taken,
  trialError,
} from './takeStep.js';
import { vectorFault, type WeightVector } from '../tensors/weightVector.js';
import { type Selection, TrainedVariables } from './trainedVariables.js';
import { WeightsInUse } from './weightsInUse.js';

/** A step that was computed, and what it found set. */
interface Computed extends Estimate {
  readonly setRadius: SetRadius | undefined;
}

/** Variables, and the weights to evaluate with. */
export interface Evaluated {
  readonly variables: readonly tf.Variable[];
  readonly weights: WeightVector;
}

/** A step that was computed and is not yet taken; its tensors are kept. */
interface Pending extends Computed {
  readonly kept: ReadonlySet<tf.Tensor>;
}

/**
 * Computes steps from where an optimizer stands, hands them to the base, and keeps state, variables and metrics in
 * step.
 */
export class Engine implements StepReplay {
  metrics: PackedMetrics | undefined;
  extraPass: ExtraPass = (pass) => pass();
  readonly #setup: OptimizerSetup;
  readonly #trained: TrainedVariables;
  readonly #state: OptimizerState;
  readonly #weights = new WeightsInUse();
  /** What losses draw from: that of the step to come. */
  readonly #lossRandom: RandomStream;
  #pending: Pending | undefined;
  #warned = false;

  constructor(setup: OptimizerSetup) {
    this.#setup = setup;
    this.#trained = new TrainedVariables(setup);
    this.#state = new OptimizerState(setup);
    const { randomSource } = setup;
    this.#lossRandom = new LiveStream(() => randomSource.stream(this.#state.seed).at(this.#state.index).at('loss'));
  }

  get radius(): number {
    return this.#state.radius;
  }

  set radius(value: number) {
    this.#state.radius = value;
  }

  /** A whole step; the loss belongs to the caller's scope. */
  step(loss: LossFunction, list: readonly tf.Variable[] | undefined): tf.Scalar {
    this.#weights.train();
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
    this.#weights.train();
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
  apply(gradients: NamedGradients): void {
    this.#weights.train();
    const pending = this.#pending;
    if (pending === undefined) return tf.tidy(() => this.#applyAlone(gradients));
    const { outcome, selection } = pending;
    const trained = selection.variables.filter((_, i) => selection.active[i]);
    refuseUntrained(gradients, new Set(trained.map(({ name }) => name)));
    tf.tidy(() => {
      const given = selection.variables.map(({ name }) => gradients.get(name) ?? undefined);
      const { failure, ...taken } = this.#commit(pending, outcome.gradient === undefined ? undefined : given);
      this.#pending = undefined;
      try {
        if (failure !== undefined) this.#warn(failure);
        this.#take(pending, taken);
      } finally {
        this.#free(pending);
      }
    });
  }

  bindLoaded(loss: () => LossFunction, list: readonly tf.Variable[] | undefined): void {
    this.#weights.train();
    if (!this.#state.isWaiting) return;
    tf.tidy(() => {
      const { statistics, before, exempt } = this.#watch();
      try {
        const { accumulate } = this.#setup;
        this.#bound(this.#drawing(() => this.#trained.select(loss(), list, exempt, accumulate, statistics)));
      } finally {
        statistics.restore(before);
        statistics.release();
      }
    });
  }

  position(list: readonly tf.Variable[] | undefined): StepPosition | undefined {
    this.#weights.train();
    if (!this.#state.isCurrent) return undefined;
    const { base, variant } = this.#setup;
    const selection = list === undefined ? this.#trained.known(ownedBy(base)) : this.#trained.listed(list);
    if (selection?.variables.length !== this.#trained.all.length) return undefined;
    const { variables, active } = selection;
    const { index, tree: state } = this.#state;
    const outlook = outlookOf(this.#setup, this.#state, state, variables.length);
    const graphKey = variant.graphKey?.(outlook) ?? null;
    const isEager = this.#state.isRadiusSet || base?.needsEagerStep?.(active) === true;
    return { graphKey: isEager ? null : graphKey, variables, active, state, index };
  }

  trial<T>(loss: LossFunction, list: readonly tf.Variable[] | undefined, read: (left: StepResult) => T): T {
    this.#weights.train();
    this.#discard();
    let found: { readonly value: T } | undefined;
    tf.tidy(() => {
      const computed = this.#compute(loss, list);
      const { evaluator, outcome, selection, step } = computed;
      const { base } = this.#setup;
      // Known only now: a loss may not depend on all that the position said would be trained.
      if (base?.needsEagerStep?.(selection.active) === true) {
        evaluator.rollBack();
        evaluator.release(this.#state.tensors);
        throw new FirstOfItsKind();
      }
      const owned = [...(base?.owned() ?? [])];
      const moved = [...selection.variables, ...owned];
      const before = moved.map((variable) => alias(variable));
      let metrics: PackedMetrics | undefined;
      try {
        const { state, metrics: told, failure } = this.#commit(computed);
        if (failure !== undefined) throw trialError(step.index, failure);
        metrics = metricsOf(computed, told);
        found = { value: read({ loss: outcome.loss, state, metrics }) };
      } finally {
        metrics?.dispose();
        // Slots that did not exist before are none again.
        if (base !== undefined && [...base.owned()].length > owned.length) {
          void base.restore({ slots: {}, scalars: {} }, selection.variables);
        }
        moved.forEach((variable, i) => variable.assign(before[i] as tf.Tensor));
        evaluator.rollBack();
        evaluator.release(this.#state.tensors);
      }
    });
    return (found as unknown as { readonly value: T }).value;
  }

  take({ state, metrics }: Pick<StepResult, 'state' | 'metrics'>): void {
    this.#discard();
    this.#state.advance(state, undefined);
    this.#show(metrics);
  }

  /** Everything that decides the next step; the tensors belong to the caller. */
  async save(): Promise<NamedTensor[]> {
    return this.#state.save(this.#trained.parameters, () => this.#weights.training);
  }

  /** Resumes from what {@link save} gave, as soon as the variables are known. */
  async load(entries: unknown): Promise<void> {
    await this.#state.load(entries);
    this.#discard();
    this.#weights.dispose(); // What is loaded goes on from what the variables hold, or from what it holds itself.
  }

  /** The weights to evaluate with, one for each variable, in tensors of the caller's; undefined: those that train. */
  evaluationWeights(list: readonly tf.Variable[] | undefined): Evaluated | undefined {
    const { base } = this.#setup;
    if (base?.evaluationWeights === undefined) return undefined;
    this.#bindTo(list);
    const variables = this.#trained.all;
    if (variables.length === 0) return undefined; // It has taken no step.
    const training = this.#weights.training ?? variables;
    const of = `the base ${base.id}`;
    const doing = 'giving the weights to evaluate with';
    const weights = runPlugin(of, doing, () => {
      return tf.tidy(() => base.evaluationWeights?.(training, this.#state.index) as tf.Tensor[] | undefined);
    });
    if (weights === undefined) return undefined;
    const fault = vectorFault(weights, variables);
    if (fault !== undefined) throw faulty(of, `gave weights to evaluate with: a list that ${fault}`);
    return { variables, weights };
  }

  /** Gives the variables the weights to evaluate with; false where these are those that train. */
  leaveTraining(list: readonly tf.Variable[] | undefined): boolean {
    if (this.#weights.areAway) return true;
    return tf.tidy(() => {
      const evaluated = this.evaluationWeights(list);
      if (evaluated === undefined) return false;
      this.#weights.leave(evaluated.variables, evaluated.weights, ownedBy(this.#setup.base));
      return true;
    });
  }

  /** Gives the variables the weights that train again. */
  returnToTraining(): void {
    this.#weights.train();
  }

  /** Runs something at the weights to evaluate with. */
  evaluate<T>(run: (differ: boolean) => T, list: readonly tf.Variable[] | undefined): T {
    let differ = false;
    return this.#weights.during(
      () => (differ = this.leaveTraining(list)),
      () => run(differ),
    );
  }

  dispose(): void {
    this.#weights.dispose();
    this.#discard();
    this.metrics?.dispose();
    this.#state.dispose();
  }

  /** A step that is not yet taken. A throw leaves weights and statistics as before. */
  #compute(loss: LossFunction, list: readonly tf.Variable[] | undefined, watch = true): Computed {
    return this.#drawing(() => {
      const { accumulate } = this.#setup;
      const { statistics, before, exempt } = this.#watch();
      let evaluator: Evaluator | undefined;
      try {
        const chosen = this.#trained.select(loss, list, exempt, accumulate, statistics);
        const moved = chosen.found && statistics.snapshot(before);
        statistics.restore(before);
        const selection = this.#bound(chosen);
        const { variables, active, found } = selection;
        const watched = watch ? selection.watched : undefined;
        const passes = { loss, accumulate, statistics, extraPass: this.extraPass };
        evaluator = new Evaluator({ variables, active, watched, ...passes }, before);
        if (found !== undefined && moved !== undefined) evaluator.prepend(found, moved);
        const { state, setRadius } = this.#state.next(evaluator.weights);
        const parameters = this.#trained.describe(selection);
        const start = { setup: this.#setup, position: this.#state, state, parameters, loss, selection };
        return { ...estimate(start, evaluator), setRadius };
      } catch (error) {
        statistics.restore(before);
        evaluator?.release(this.#state.tensors);
        statistics.release();
        if (!watch || !(error instanceof NewlyConnected)) throw error;
        this.#trained.lookAgainAt(error.variables);
        return this.#compute(loss, list, false);
      }
    });
  }

  /** The statistics as they are, and the slots of the base, which are not among them. */
  #watch(): { statistics: Statistics; before: ReturnType<Statistics['snapshot']>; exempt: ReadonlySet<tf.Variable> } {
    const exempt = ownedBy(this.#setup.base);
    const statistics = new Statistics(exempt);
    return { statistics, before: statistics.snapshot(), exempt };
  }

  /** The selection in the order of the checkpoint that waits for it, if one does, which then becomes the state. */
  #bound(chosen: Selection): Selection {
    this.#state.refuseNew(this.#trained.all.length, chosen);
    const { found, ...selection } = this.#state.inSavedOrder(chosen);
    const bound = this.#state.bind(selection.variables);
    if (bound !== undefined) this.#trained.adopt(selection);
    // A pass at other weights is not the clean one.
    return found === undefined || bound?.hasMoved === true ? selection : { ...selection, found };
  }

  /** Binds a checkpoint that waits for its variables to these, where it would wait for the next step. */
  #bindTo(list: readonly tf.Variable[] | undefined): void {
    if (!this.#state.isWaiting) return;
    if (list === undefined) {
      throw new FlatminError(
        'VARIABLES_INVALID',
        'the optimizer was loaded and has taken no step since, so it does not know its variables. Pass those that it trains: ' +
          'evaluationWeights(variables).',
      );
    }
    this.#bound(this.#trained.listed(list));
  }

  /** Runs what evaluates losses, with the random numbers of the step to come. */
  #drawing<T>(run: () => T): T {
    return withLossRandom(this.#lossRandom, run);
  }

  /**
   * Hands the step to the base; a throw leaves weights and statistics as before, so that a pending step stays pending.
   */
  #commit(
    computed: Computed,
    gradient: readonly (tf.Tensor | undefined)[] | undefined = computed.outcome.gradient,
  ): Taken {
    try {
      return this.#drawing(() => commit(computed, this.#setup, gradient));
    } catch (error) {
      if (computed !== this.#pending) computed.evaluator.rollBack();
      throw error;
    }
  }

  /** Ends the step: what it left becomes what the next one starts from. */
  #take(computed: Computed, { state, metrics, failure }: Taken): void {
    const told = metricsOf(computed, metrics); // Before the old state goes, of which they may be part.
    this.#trained.adopt(computed.selection);
    this.#state.advance(state, computed.setRadius);
    this.#show(told);
    if (failure !== undefined) throw afterUpdateError(computed.step.index, failure);
  }

  #show(metrics: PackedMetrics | undefined): void {
    this.metrics?.dispose();
    this.metrics = metrics;
  }

  /** Gradients without a step that was computed: a step of the base. */
  #applyAlone(gradients: NamedGradients): void {
    const { base } = this.#setup;
    const selection = this.#bound(this.#trained.named(gradients.keys()));
    const { variables } = selection;
    const given = variables.map(({ name }) => gradients.get(name) ?? undefined);
    const parameters = this.#trained.describe(selection);
    const present = given.filter((tensor) => tensor !== undefined);
    const ofPresent = parameters.filter((_, i) => given[i] !== undefined);
    const final = finalGradient(present, this.#setup, ofPresent);
    const wanted = given.map((tensor) => tensor && final[present.indexOf(tensor)]);
    const { index } = this.#state;
    const before = variables.map((variable) => alias(variable));
    const active = wanted.map((tensor) => tensor !== undefined);
    orPutBack(variables, before, () => {
      if (base === undefined) return;
      stepOfBase(base, { variables, gradients: wanted, parameters, index });
      endStepOfBase(base, { variables, before, active, index, scalarAt: scalarsAt(this.#setup, this.#state) });
    });
    this.#trained.adopt(selection);
    this.#state.index++;
    this.#show(undefined);
  }

  /** Says once that a pending step was taken without what follows it: its loss may not work any more. */
  #warn(failure: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#setup.logger.warn(
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
