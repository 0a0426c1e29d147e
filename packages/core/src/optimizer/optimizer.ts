import * as tf from '@tensorflow/tfjs-core';
import { decodeConfig, encodeConfig } from './serialization.js';
import { containerInUse } from './currentContainer.js';
import { madeBy, thisCopy } from '../errors/duplicateCore.js';
import { Engine } from '../step/engine.js';
import { FlatminError, show } from '../errors/errors.js';
import { checkedGradients } from '../step/namedGradients.js';
import type { StepMetrics } from '../step/stepMetrics.js';
import { checkLoss } from '../loss/lossValue.js';
import type { StepReplay } from '../step/replay.js';
import type { NamedTensor } from '../tensors/stateTree.js';
import type { LossFunction } from '../loss/loss.js';
import type { ExtraPass } from '../step/evaluator.js';
import type { OptimizerSetup } from '../step/setup.js';
import type { SharpnessVariant } from '../variant/variant.js';

const brand = Symbol.for('@flatmin/core/SharpnessAwareOptimizer');

/**
 * A sharpness-aware optimizer: a real `tf.Optimizer` around a variant and its base.
 *
 * `minimize(loss)` runs all passes of a step; nothing else is needed, not even with `model.compile` and `fit`. The
 * optimizer owns its state, and its base unless that was passed as an object: `dispose` frees them.
 *
 * @example
 * ```ts
 * const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 } as const;
 * const optimizer = createOptimizer({ use: 'sam', rho: 0.05, base });
 * optimizer.minimize(() => lossOf(model, x, y));
 * console.log(optimizer.lastStep.loss, optimizer.lastStep.gradientEvaluations);
 * ```
 */
export class SharpnessAwareOptimizer extends tf.Optimizer {
  /** TF.js finds the class of a saved optimizer by this name, which therefore is scoped. */
  static get className(): string {
    return 'FlatminSharpnessAwareOptimizer';
  }

  /**
   * By a brand: TF.js takes anything that can minimize for an optimizer of any class, and other copies of core are ours
   * too.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }

  readonly [brand] = true;
  readonly [madeBy] = thisCopy;
  readonly #setup: OptimizerSetup;
  readonly #engine: Engine;
  #handedOut: tf.Tensor[] = [];
  #ended: string | undefined;

  constructor(setup: OptimizerSetup) {
    super();
    this.#setup = setup;
    this.#engine = new Engine(setup);
  }

  /**
   * Takes one step on `f`.
   *
   * @param f the loss, evaluated as often as the variant needs; it must have batch access if the variant needs that.
   * @param returnCost true returns the clean loss, which the caller disposes.
   * @param varList the variables to train; default: all trainable ones that this step's loss depends on.
   */
  override minimize(f: LossFunction, returnCost = false, varList?: tf.Variable[]): tf.Scalar | null {
    this.#assertReady();
    checkLoss(f);
    const cost = this.#engine.step(f, varList ?? undefined);
    if (returnCost) return cost;
    cost.dispose();
    return null;
  }

  /**
   * The final gradient of a step, held pending until {@link applyGradients} takes the step. The caller disposes value
   * and gradients.
   */
  override computeGradients(f: LossFunction, varList?: tf.Variable[]): { value: tf.Scalar; grads: tf.NamedTensorMap } {
    this.#assertReady();
    checkLoss(f);
    return this.#engine.hold(f, varList ?? undefined);
  }

  /** Takes the pending step with these gradients; if no step is pending, takes a plain step of the base. */
  override applyGradients(variableGradients: tf.NamedTensorMap | NamedTensor[]): void {
    this.#assertReady();
    this.#engine.apply(checkedGradients(variableGradients));
  }

  /** What the optimizer is made of. */
  get setup(): OptimizerSetup {
    return this.#setup;
  }

  /** For packages that replay recorded steps. */
  get replay(): StepReplay {
    this.#assertReady();
    return this.#engine;
  }

  /** The base's learning rate; setting it reaches the base. */
  get learningRate(): number {
    checkBase(this.#setup);
    return (this.#setup.base as NonNullable<OptimizerSetup['base']>).learningRate;
  }

  set learningRate(value: number) {
    this.#assertReady();
    checkNumber('learningRate', value);
    (this.#setup.base as NonNullable<OptimizerSetup['base']>).learningRate = value;
  }

  /** rho of the next step; 0 for a base alone. Setting it replaces a schedule. */
  get radius(): number {
    if (this.#ended !== undefined) throw endedError(this.#ended);
    return this.#engine.radius;
  }

  set radius(value: number) {
    this.#assertReady();
    checkRadius(this.#setup.variant, value);
    this.#engine.radius = value;
  }

  /** The metrics of the last step, each read from the backend when asked for; valid until the next step. */
  get lastStep(): StepMetrics {
    return this.#metrics().view;
  }

  /** The same metrics, read all at once and without blocking. */
  async readLastStep(): Promise<StepMetrics> {
    return this.#metrics().read();
  }

  /** Whether the variant, or one inside it, learns from held-out data; if not, a `validationLoss` is never called. */
  get takesValidationLoss(): boolean {
    return this.#setup.variant.attach !== undefined;
  }

  /** Provides what was missing when the optimizer was created, for example after loading. */
  attach(attachment: Attachment): this {
    const { validationLoss, extraPass } = checkedAttachment(attachment);
    if (extraPass !== undefined) this.#engine.extraPass = extraPass;
    if (validationLoss !== undefined) this.#setup.variant.attach?.({ validationLoss });
    return this;
  }

  /**
   * The weights to evaluate, predict, save and export with, by the name of their variable, if they differ from the
   * training weights, as for a schedule-free base or an average. The caller disposes the tensors.
   *
   * @param variables the variables that it trains; needed only between loading the optimizer and its next step.
   * @returns null if the training weights are the ones to evaluate with.
   */
  evaluationWeights(variables?: readonly tf.Variable[]): Record<string, tf.Tensor> | null {
    this.#assertReady();
    const found = this.#engine.evaluationWeights(variables);
    if (found === undefined) return null;
    return Object.fromEntries(found.variables.map(({ name }, i) => [name, found.weights[i] as tf.Tensor]));
  }

  /**
   * Runs a function while the variables hold {@link evaluationWeights}. When it returns, throws, or its promise
   * settles, the variables and the statistics that it changed are restored, bit for bit. Until then, steps are refused.
   *
   * Statistics, such as the moving averages of batch normalization, belong to the training weights: if the model has
   * any, call `estimateStatistics` inside the function.
   *
   * @param run receives whether the weights differ at all.
   * @example
   * ```ts fragment
   * const accuracy = await optimizer.withEvaluationWeights(() => accuracyOf(model, testData));
   * ```
   */
  withEvaluationWeights<T>(run: (differ: boolean) => T, variables?: readonly tf.Variable[]): T {
    this.#assertReady();
    return this.#engine.evaluate(run, variables);
  }

  /**
   * Sets the variables to {@link evaluationWeights}, for the end of training, until {@link useTrainingWeights} or the
   * next step, which starts from the training weights. `getWeights` then saves the training weights too.
   *
   * @returns false if the training weights are the ones to evaluate with.
   */
  useEvaluationWeights(variables?: readonly tf.Variable[]): boolean {
    this.#assertReady();
    return this.#engine.leaveTraining(variables);
  }

  /**
   * Restores the training weights and their statistics, bit for bit. A variable that was assigned other values since
   * {@link useEvaluationWeights} keeps them.
   */
  useTrainingWeights(): void {
    this.#assertReady();
    this.#engine.returnToTraining();
  }

  /**
   * Everything that determines the next step, by variable name. The tensors belong to the optimizer; they live until
   * the next call or `dispose`.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    this.#assertReady();
    const saved = await this.#engine.save();
    tf.dispose(this.#handedOut);
    this.#handedOut = saved.map(({ tensor }) => tensor);
    return saved;
  }

  /** Resumes from what {@link getWeights} gave; it is bound to the variables at the next step. */
  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    this.#assertReady();
    await this.#engine.load(weightValues);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return encodeConfig(this.#setup);
  }

  /** Creates the optimizer of a saved config through the container in use. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    _cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { spec, context } = decodeConfig(config);
    return containerInUse().createOptimizer(spec, context) as unknown as T;
  }

  /** Frees the state, the metrics, and the base if the optimizer owns it. May be called twice. */
  override dispose(): void {
    if (this.#ended !== undefined) return;
    this.retire('was disposed');
    this.#setup.base?.dispose();
  }

  /** Ends the use of this object and hands its parts over to an optimizer that wraps it. */
  retire(why: string): OptimizerSetup {
    if (this.#ended !== undefined) throw endedError(this.#ended);
    this.#ended = why;
    this.#engine.dispose();
    tf.dispose(this.#handedOut);
    return this.#setup;
  }

  #metrics(): NonNullable<Engine['metrics']> {
    const { metrics } = this.#engine;
    if (metrics === undefined) {
      throw new FlatminError(
        'LAST_STEP_EXPIRED',
        'there are no metrics before the first step, or after a gradient was applied without a step. Call minimize(loss) first.',
      );
    }
    return metrics;
  }

  #assertReady(): void {
    if (this.#ended !== undefined) throw endedError(this.#ended);
    checkBase(this.#setup);
  }
}

/** What can be given to an optimizer after it was created. */
export interface Attachment {
  /** The held-out loss of LETS. */
  readonly validationLoss?: LossFunction | undefined;
  /** Runs passes that must leave no trace, such as metrics; adapters of models use it. */
  readonly extraPass?: ExtraPass | undefined;
}

/** Refuses what cannot be a learning rate. */
function checkNumber(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new FlatminError('SPEC_INVALID', `${name} was set to ${show(value)}. Use a finite number, 0 or more.`);
}

/** Refuses a radius that this variant cannot have. */
function checkRadius({ id, radius, learnedRadius }: SharpnessVariant<unknown>, value: number): void {
  checkNumber('radius', value);
  if (radius === 'none') {
    throw new FlatminError(
      'RADIUS_NOT_SETTABLE',
      `${id} has no radius to set to ${value}. Wrap the base in a variant such as sam.`,
    );
  }
  const { min = 0, max = Infinity } = learnedRadius ?? {};
  if (value >= min && value <= max) return;
  throw new FlatminError(
    'SPEC_INVALID',
    `radius was set to ${value}; ${id} keeps it within [${min}, ${max}]. Set one in that range.`,
  );
}

/** What is given after an optimizer was created: functions, or nothing. */
function checkedAttachment(given: Attachment): Attachment {
  const { validationLoss, extraPass } = given ?? {};
  for (const [name, value] of Object.entries({ validationLoss, extraPass })) {
    if (value === undefined || typeof value === 'function') continue;
    throw new FlatminError(
      'SPEC_INVALID',
      `attach was given the ${name} ${show(value)}. Give a function, or leave it out.`,
    );
  }
  if (typeof given === 'object' && (given as unknown) !== null) return { validationLoss, extraPass };
  throw new FlatminError('SPEC_INVALID', `attach was given ${show(given)}. Give { validationLoss }.`);
}

/** Refuses an optimizer without a base: it can be wrapped, but not step. */
function checkBase({ base, variant }: OptimizerSetup): void {
  if (base === undefined) throw baseMissing(variant.id);
}

/** The error of a variant that nothing takes the steps of. */
export function baseMissing(id: string): FlatminError {
  return new FlatminError(
    'BASE_MISSING',
    `${id} has no base optimizer. Give one: base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 }, ` +
      'or in code any tf.Optimizer.',
  );
}

/** The error of an optimizer that was disposed, or wrapped by another one. */
function endedError(why: string): FlatminError {
  return new FlatminError('OPTIMIZER_DISPOSED', `this optimizer ${why} and can no longer be used. Create a new one.`);
}
