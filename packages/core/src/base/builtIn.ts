import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensor } from '../tensors/stateTree.js';
import { FlatminError } from '../errors/errors.js';
import { vectorFault, type WeightVector } from '../tensors/weightVector.js';
import type { BaseOptimizer, SlotValues } from './contract.js';

/** The private fields in which one of TF.js's optimizers keeps what it remembers. */
interface Layout {
  /**
   * Slot name to the field that lists one variable per trained variable, the suffix of its variables' names, and the
   * option that it needs.
   */
  readonly slots: Readonly<Record<string, { readonly field: string; readonly suffix: string; readonly if?: string }>>;
  /** Fields that hold one scalar variable each. */
  readonly scalars: readonly string[];
  /** P of one weight's slots, in the order above, as the optimizer's own `applyGradients` has it after a step. */
  readonly preconditioner?: (slots: readonly tf.Tensor[], own: Own) => tf.Tensor;
}

/** What P needs of an optimizer besides its slots. */
interface Own {
  readonly epsilon: number;
  readonly centered?: boolean;
  /** Of one with a second moment: 1 - beta2^t, t the steps taken. */
  readonly secondCorrection?: tf.Scalar;
}

const none: Layout = { slots: {}, scalars: [] };
const moments = { field: 'accumulatedFirstMoment', suffix: 'm' };

const layouts: Readonly<Record<string, Layout>> = {
  SGD: none,
  Momentum: { slots: { momentum: { field: 'accumulations', suffix: 'momentum' } }, scalars: [] },
  Adam: {
    slots: { m: moments, v: { field: 'accumulatedSecondMoment', suffix: 'v' } },
    scalars: ['accBeta1', 'accBeta2'],
    preconditioner: ([, v], { epsilon, secondCorrection }) =>
      tf.reciprocal(tf.add(tf.sqrt(tf.div(v as tf.Tensor, secondCorrection as tf.Scalar)), epsilon)),
  },
  Adamax: {
    slots: { m: moments, u: { field: 'accumulatedWeightedInfNorm', suffix: 'v' } },
    scalars: ['iteration', 'accBeta1'],
    preconditioner: ([, u], { epsilon }) => tf.reciprocal(tf.add(u as tf.Tensor, epsilon)),
  },
  Adagrad: {
    slots: { accumulator: { field: 'accumulatedGrads', suffix: 'accumulator' } },
    scalars: [],
    preconditioner: ([sum]) => tf.rsqrt(tf.add(sum as tf.Tensor, tf.backend().epsilon())),
  },
  Adadelta: {
    slots: {
      gradients: { field: 'accumulatedGrads', suffix: 'accum_grad' },
      updates: { field: 'accumulatedUpdates', suffix: 'accum_var' },
    },
    scalars: [],
  },
  RMSProp: {
    slots: {
      meanSquare: { field: 'accumulatedMeanSquares', suffix: 'rms' },
      momentum: { field: 'accumulatedMoments', suffix: 'momentum' },
      meanGradient: { field: 'accumulatedMeanGrads', suffix: 'mg', if: 'centered' },
    },
    scalars: [],
    // Centered, TF.js takes epsilon away, where others add it.
    preconditioner: ([square, , mean], { epsilon, centered }) =>
      tf.rsqrt(
        centered
          ? tf.sub(square as tf.Tensor, tf.add(tf.square(mean as tf.Tensor), epsilon))
          : tf.add(square as tf.Tensor, epsilon),
      ),
  },
};

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join();

interface Slot {
  readonly originalName: string;
  readonly variable: tf.Variable;
}

/** Constants that TF.js makes with the optimizer, loses inside a `tidy`, and forgets in `dispose`. */
const constants = ['c', 'm'] as const;

/** True for an optimizer of TF.js itself, whose memory this adapter can save and restore to the bit. */
export function isBuiltIn(optimizer: tf.Optimizer): boolean {
  const name = (optimizer.constructor as { readonly className?: unknown }).className;
  // A subclass that names itself otherwise, or not at all, may remember more than its parent does.
  return typeof name === 'string' && Object.hasOwn(layouts, name) && Object.hasOwn(optimizer.constructor, 'className');
}

/**
 * One of TF.js's own optimizers as a base. It fixes what they forget or leak: a new learning rate of SGD reaches the
 * step, Adam's powers of beta are restored bit for bit, Adamax can be saved, and the constants of Momentum survive a
 * `tidy` and are disposed.
 */
export class BuiltInBase implements BaseOptimizer {
  readonly id: string;
  readonly isReplayable = true;
  readonly #optimizer: tf.Optimizer;
  readonly #fields: Record<string, unknown>;
  readonly #layout: Layout;
  readonly #owned: boolean;
  /** The learning rate that SGD and momentum step by. */
  #rateInForce: number | undefined;

  /** @param owned false where the optimizer belongs to the caller: `dispose` then leaves it. */
  constructor(optimizer: tf.Optimizer, owned: boolean) {
    this.#optimizer = optimizer;
    this.#fields = optimizer as unknown as Record<string, unknown>;
    this.#layout = layouts[optimizer.getClassName()] ?? none;
    this.#owned = owned;
    this.id = optimizer.getClassName().toLowerCase();
    this.#keepConstants();
  }

  get learningRate(): number {
    return this.#fields.learningRate as number;
  }

  set learningRate(value: number) {
    this.#fields.learningRate = value;
    this.#applyLearningRate();
  }

  apply(variables: readonly tf.Variable[], gradients: readonly (tf.Tensor | undefined)[]): void {
    this.#applyLearningRate(); // It may have been set on the optimizer itself.
    // TF.js finds slots by position: always the full list. It skips a variable whose gradient is null.
    const named = variables.map(({ name }, i) => ({ name, tensor: gradients[i] ?? null }));
    this.#optimizer.applyGradients(named as NamedTensor[]);
  }

  option(name: string): number | undefined {
    const value = this.#optimizer.getConfig()[name];
    return typeof value === 'number' ? value : undefined;
  }

  slot(name: string): WeightVector | undefined {
    const slots = this.#list(name);
    return slots.length === 0 ? undefined : slots.map(({ variable }) => variable);
  }

  preconditioner(): WeightVector | undefined {
    const { slots, preconditioner } = this.#layout;
    const lists = Object.keys(slots).map((name) => this.#list(name));
    if (preconditioner === undefined || lists[0]?.length === 0) return undefined;
    const { accBeta2, beta2 } = this.#fields as { accBeta2?: tf.Scalar; beta2?: number };
    // TF.js multiplies by beta2 once more when the step is done.
    const correction = accBeta2 && { secondCorrection: tf.sub<tf.Scalar>(1, tf.div(accBeta2, beta2 as number)) };
    const own = { ...(this.#fields as unknown as Own), ...correction };
    return (lists[0] as readonly Slot[]).map((_, i) =>
      preconditioner(
        lists.map((list) => list[i]?.variable as tf.Tensor),
        own,
      ),
    );
  }

  *constants(): Generator<tf.Tensor> {
    for (const name of constants) if (this.#fields[name] instanceof tf.Tensor) yield this.#fields[name] as tf.Tensor;
  }

  *owned(): Generator<tf.Variable> {
    for (const name of Object.keys(this.#layout.slots)) for (const { variable } of this.#list(name)) yield variable;
    for (const field of this.#layout.scalars) yield this.#fields[field] as tf.Variable;
  }

  async save(): Promise<SlotValues> {
    const names = Object.keys(this.#layout.slots).filter((name) => this.#list(name).length > 0);
    return {
      slots: Object.fromEntries(names.map((name) => [name, this.slot(name) as WeightVector])),
      scalars: Object.fromEntries(this.#layout.scalars.map((field) => [field, this.#fields[field] as tf.Tensor])),
    };
  }

  restore({ slots, scalars }: SlotValues, variables: readonly tf.Variable[]): void {
    this.#refuseOthers({ slots, scalars }, variables);
    for (const [name, { field, suffix }] of Object.entries(this.#layout.slots)) {
      tf.dispose(this.#list(name).map(({ variable }) => variable));
      this.#fields[field] = (slots[name] ?? []).map((value, i): Slot => ({
        originalName: `${(variables[i] as tf.Variable).name}/${suffix}`,
        variable: tf.tidy(() => value.clone().variable(false)),
      }));
    }
    for (const field of this.#layout.scalars) {
      const value = scalars[field];
      if (value !== undefined) (this.#fields[field] as tf.Variable).assign(value);
    }
  }

  dispose(): void {
    if (!this.#owned) return;
    this.#optimizer.dispose();
    tf.dispose(constants.map((name) => this.#fields[name]).filter((value) => value instanceof tf.Tensor));
  }

  /** What another base remembered may have the same names, and what was changed other shapes. */
  #refuseOthers({ slots, scalars }: SlotValues, variables: readonly tf.Variable[]): void {
    const [names, others] = [Object.keys(slots), Object.keys(scalars)];
    if (names.length + others.length === 0) return;
    const own = Object.entries(this.#layout.slots)
      .filter(([, { if: option }]) => option === undefined || this.#fields[option] === true)
      .map(([name]) => name);
    const isOwn = sameNames(others, this.#layout.scalars) && (names.length === 0 || sameNames(names, own));
    const fault = names.map((name) => vectorFault(slots[name], variables)).find((found) => found !== undefined);
    if (isOwn && fault === undefined) return;
    const what = isOwn
      ? `a memory that ${fault}`
      : `${[...names, ...others].join(', ')}, which does not match what ${this.id} remembers`;
    throw new FlatminError(
      'STATE_MISMATCH',
      `the saved optimizer has ${what}. Create the optimizer from the spec that it was saved with.`,
    );
  }

  /** SGD and momentum step by a constant that `learningRate = x` leaves as it was. */
  #applyLearningRate(): void {
    const { setLearningRate } = this.#fields as { setLearningRate?: (rate: number) => void };
    if (setLearningRate === undefined || this.learningRate === this.#rateInForce) return;
    this.#rateInForce = this.learningRate;
    setLearningRate.call(this.#optimizer, this.learningRate);
  }

  /** Momentum's constant dies with the `tidy` that the optimizer was created in, unless that is still open. */
  #keepConstants(): void {
    for (const name of constants) {
      const value = this.#fields[name];
      if (!(value instanceof tf.Tensor)) continue;
      if (value.isDisposed) this.#fields[name] = tf.keep(tf.scalar(this.#fields.momentum as number));
      else tf.keep(value);
    }
  }

  #list(name: string): readonly Slot[] {
    const layout = this.#layout.slots[name];
    return layout === undefined ? [] : (this.#fields[layout.field] as readonly Slot[]);
  }
}
