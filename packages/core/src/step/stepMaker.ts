import * as tf from '@tensorflow/tfjs-core';
import { ownedBy } from '../base/owned.js';
import { Evaluator, type ExtraPass, NewlyConnected } from './evaluator.js';
import type { LossFunction } from '../loss/loss.js';
import { withLossRandom } from '../loss/lossRandom.js';
import { OptimizerState, type SetRadius } from './optimizerState.js';
import { LiveStream, type RandomStream } from '../tensors/random.js';
import type { Recipe } from './setup.js';
import type { StepPosition } from './replay.js';
import { Statistics } from '../loss/statistics.js';
import { commit, type Estimate, estimate, outlookOf, type Settled } from './takeStep.js';
import { type Selection, TrainedVariables } from './trainedVariables.js';

/** A step that was computed, and what it found set. */
export interface Computed extends Estimate {
  readonly setRadius: SetRadius | undefined;
}

/** Computes steps from where an optimizer stands, and takes none: what changes by that is put back, or left to who takes it. */
export class StepMaker {
  extraPass: ExtraPass = (pass) => pass();
  readonly trained: TrainedVariables;
  readonly state: OptimizerState;
  readonly #recipe: Recipe;
  /** What losses draw from: that of the step to come. */
  readonly #lossRandom: RandomStream;

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
    this.#lossRandom = new LiveStream(() =>
      recipe.randomSource.stream(this.state.seed).at(this.state.index).at('loss'),
    );
    this.trained = new TrainedVariables(recipe.roles);
    this.state = new OptimizerState(recipe);
  }

  /** A step that is not yet taken. A throw leaves weights and statistics as before. */
  compute(loss: LossFunction, list: readonly tf.Variable[] | undefined): Computed {
    return this.drawing(() => this.#compute(loss, list, true));
  }

  #compute(loss: LossFunction, list: readonly tf.Variable[] | undefined, watch: boolean): Computed {
    const { accumulate } = this.#recipe;
    const { statistics, before, exempt } = this.#watch();
    let evaluator: Evaluator | undefined;
    try {
      const chosen = this.trained.select(loss, list, exempt, accumulate, statistics);
      const moved = chosen.found && statistics.snapshot(before);
      statistics.restore(before);
      const selection = this.bound(chosen);
      const { variables, active, found } = selection;
      const watched = watch ? selection.watched : undefined;
      const passes = { loss, accumulate, statistics, extraPass: this.extraPass };
      evaluator = new Evaluator({ variables, active, watched, ...passes }, before);
      if (found !== undefined && moved !== undefined) evaluator.prepend(found, moved);
      const { state, setRadius } = this.state.next(evaluator.weights);
      const parameters = this.trained.describe(selection);
      const setup = { recipe: this.#recipe, position: this.state, state, parameters, loss, selection };
      return { ...estimate(setup, evaluator), setRadius };
    } catch (error) {
      statistics.restore(before);
      evaluator?.release(this.state.tensors);
      statistics.release();
      if (!watch || !(error instanceof NewlyConnected)) throw error;
      this.trained.lookAgainAt(error.variables);
      return this.#compute(loss, list, false);
    }
  }

  /** The statistics as they are, and the slots of the base, which are none. */
  #watch(): { statistics: Statistics; before: ReturnType<Statistics['snapshot']>; exempt: ReadonlySet<tf.Variable> } {
    const exempt = ownedBy(this.#recipe.base);
    const statistics = new Statistics(exempt);
    return { statistics, before: statistics.snapshot(), exempt };
  }

  /** The selection in the order of the checkpoint that waits for it, if one does, which then becomes the state. */
  bound(chosen: Selection): Selection {
    this.state.refuseNew(this.trained.all.length, chosen);
    const selection = this.state.inSavedOrder(chosen);
    if (this.state.bind(selection.variables)) this.trained.adopt(selection);
    return selection;
  }

  /** Runs what evaluates losses, with the random numbers of the step to come. */
  drawing<T>(run: () => T): T {
    return withLossRandom(this.#lossRandom, run);
  }

  /** Hands the step to the base; a throw leaves everything as before. */
  commit(computed: Computed): Settled {
    try {
      return this.drawing(() => commit(computed, this.#recipe));
    } catch (error) {
      computed.evaluator.rollBack();
      throw error;
    }
  }

  /** Binds a loaded checkpoint to the variables, as the next step would. */
  bindLoaded(loss: () => LossFunction, list: readonly tf.Variable[] | undefined): void {
    if (!this.state.isWaiting) return;
    tf.tidy(() => {
      const { statistics, before, exempt } = this.#watch();
      try {
        const { accumulate } = this.#recipe;
        this.bound(this.drawing(() => this.trained.select(loss(), list, exempt, accumulate, statistics)));
      } finally {
        statistics.restore(before);
        statistics.release();
      }
    });
  }

  /** Where the next step starts; undefined where that needs a first step, or the loss. */
  position(list: readonly tf.Variable[] | undefined): StepPosition | undefined {
    if (!this.state.isCurrent) return undefined;
    const selection = list === undefined ? this.trained.known(ownedBy(this.#recipe.base)) : this.trained.listed(list);
    if (selection?.variables.length !== this.trained.all.length) return undefined;
    const { variables, active } = selection;
    const state = this.state.tree;
    const branch = this.#recipe.variant.branch?.(outlookOf(this.#recipe, this.state, state)) ?? null;
    const isEager = this.state.isRadiusSet || this.#recipe.base?.needsEagerStep?.(active) === true;
    return { branch: isEager ? null : branch, variables, active, state, index: this.state.index };
  }
}
