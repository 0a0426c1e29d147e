import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensor } from '../stateTree.js';
import type { WeightVector } from '../variant.js';
import type { BaseOptimizer, SlotValues } from './contract.js';

/** The private fields in which one of TF.js's optimizers keeps what it remembers. */
interface Layout {
  /** Slot name to the field that lists one variable per trained variable, and the suffix of its variables' names. */
  readonly slots: Readonly<Record<string, { readonly field: string; readonly suffix: string }>>;
  /** Fields that hold one scalar variable each. */
  readonly scalars: readonly string[];
}

const none: Layout = { slots: {}, scalars: [] };
const moments = { field: 'accumulatedFirstMoment', suffix: 'm' };

const layouts: Readonly<Record<string, Layout>> = {
  SGD: none,
  Momentum: { slots: { momentum: { field: 'accumulations', suffix: 'momentum' } }, scalars: [] },
  Adam: {
    slots: { m: moments, v: { field: 'accumulatedSecondMoment', suffix: 'v' } },
    scalars: ['accBeta1', 'accBeta2'],
  },
  Adamax: {
    slots: { m: moments, u: { field: 'accumulatedWeightedInfNorm', suffix: 'v' } },
    scalars: ['iteration', 'accBeta1'],
  },
  Adagrad: { slots: { accumulator: { field: 'accumulatedGrads', suffix: 'accumulator' } }, scalars: [] },
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
      meanGradient: { field: 'accumulatedMeanGrads', suffix: 'mg' },
    },
    scalars: [],
  },
};

interface Slot {
  readonly originalName: string;
  readonly variable: tf.Variable;
}

/** Constants that TF.js makes with the optimizer, loses inside a `tidy`, and forgets in `dispose`. */
const constants = ['c', 'm'] as const;

/** True for an optimizer of TF.js itself, whose memory this adapter can save and restore to the bit. */
export function isBuiltIn(optimizer: tf.Optimizer): boolean {
  const name = (optimizer.constructor as { readonly className?: unknown }).className;
  return typeof name === 'string' && name in layouts && optimizer.getClassName() === name;
}

/**
 * One of TF.js's own optimizers as a base. It mends what they forget or leak: SGD's learning rate reaches the step,
 * Adam's powers of beta come back to the bit, Adamax can be saved, the constants of Momentum survive a `tidy` and are
 * disposed.
 */
export class BuiltInBase implements BaseOptimizer {
  readonly id: string;
  readonly #optimizer: tf.Optimizer;
  readonly #fields: Record<string, unknown>;
  readonly #layout: Layout;
  readonly #owned: boolean;

  /** @param owned false where the optimizer belongs to the caller: `dispose` then leaves it. */
  constructor(optimizer: tf.Optimizer, owned: boolean) {
    this.#optimizer = optimizer;
    this.#fields = optimizer as unknown as Record<string, unknown>;
    this.#layout = layouts[optimizer.getClassName()] ?? none;
    this.#owned = owned;
    this.id = optimizer.getClassName().toLowerCase();
    for (const name of constants) {
      const value = this.#fields[name];
      if (value instanceof tf.Tensor && !value.isDisposed) tf.keep(value);
    }
  }

  get learningRate(): number {
    return this.#fields.learningRate as number;
  }

  set learningRate(value: number) {
    if (value === this.learningRate) return;
    const { setLearningRate } = this.#fields as { setLearningRate?: (rate: number) => void };
    if (setLearningRate !== undefined) setLearningRate.call(this.#optimizer, value);
    else this.#fields.learningRate = value;
  }

  apply(variables: readonly tf.Variable[], gradients: readonly (tf.Tensor | undefined)[]): void {
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
    for (const [name, { field, suffix }] of Object.entries(this.#layout.slots)) {
      tf.dispose(this.#list(name).map(({ variable }) => variable));
      this.#fields[field] = (slots[name] ?? []).map((value, i): Slot => ({
        originalName: `${(variables[i] as tf.Variable).name}/${suffix}`,
        variable: tf.tidy(() => value.clone().variable(false)),
      }));
    }
    for (const field of this.#layout.scalars) {
      const value = scalars[field];
      if (value !== undefined) (this.#fields[field] as tf.Variable).assign(value.clone());
    }
  }

  dispose(): void {
    if (!this.#owned) return;
    this.#optimizer.dispose();
    tf.dispose(constants.map((name) => this.#fields[name]).filter((value) => value instanceof tf.Tensor));
  }

  #list(name: string): readonly Slot[] {
    const layout = this.#layout.slots[name];
    return layout === undefined ? [] : (this.#fields[layout.field] as readonly Slot[]);
  }
}
