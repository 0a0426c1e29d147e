import * as tf from '@tensorflow/tfjs-core';
import type { BaseOptimizer, SlotValues } from '../base/contract.js';
import { FlatminError, show } from '../errors/errors.js';
import {
  checkEntries,
  encodeManifest,
  entriesByName,
  type Manifest,
  manifestName,
  notSaved,
  type Numbers,
  parseManifest,
  refuseNaN,
} from './manifest.js';
import { withoutSuffix } from '../variant/parameters.js';
import { scheduleSchema } from '../variant/schedule.js';
import { decodeState, encodeState, type NamedTensor } from '../tensors/stateTree.js';
import type { WeightVector } from '../tensors/weightVector.js';
import type { SharpnessVariant } from '../variant/variant.js';

export interface Saved {
  readonly id: string;
  readonly numbers: Numbers;
  readonly variables: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly state: unknown;
  readonly base: SlotValues;
  /** The weights that train, where the variables hold those to evaluate with. */
  readonly training?: WeightVector | undefined;
}

/**
 * Everything that decides the next step, as named tensors: the manifest's are fresh, the others are the optimizer's
 * own.
 */
export function writeCheckpoint({ id, numbers, variables, state, base, training }: Saved): NamedTensor[] {
  const names = variables.map(({ name }) => name);
  const shapes = variables.map(({ shape }) => shape);
  const tensors: NamedTensor[] = [];
  const encoded = encodeState(state, 'state', { names, shapes }, tensors);
  for (const [slot, vector] of Object.entries(base.slots)) {
    vector.forEach((tensor, i) => tensors.push({ name: `base/${slot}/${names[i]}`, tensor }));
  }
  for (const [name, tensor] of Object.entries(base.scalars)) tensors.push({ name: `base/${name}`, tensor });
  training?.forEach((tensor, i) => tensors.push({ name: `training/${names[i]}`, tensor }));
  const manifest: Manifest = {
    flatmin: 1,
    id,
    ...numbers,
    names,
    shapes,
    slots: Object.keys(base.slots),
    scalars: Object.keys(base.scalars),
    state: encoded,
    ...(training && { training: true }),
  };
  return [encodeManifest(manifest), ...tensors];
}

/** What a checkpoint gave to the variables that it belongs to. */
export interface Bound {
  /** Undefined where it was saved before the first step. */
  readonly state: unknown;
  /** Whether the variables hold other weights than before. */
  readonly hasMoved: boolean;
}

/** A checkpoint that waits for the variables it belongs to. It owns copies of its tensors. */
export class LoadedCheckpoint {
  readonly numbers: Numbers;
  readonly #manifest: Manifest;
  readonly #tensors: ReadonlyMap<string, tf.Tensor>;

  private constructor(manifest: Manifest, tensors: ReadonlyMap<string, tf.Tensor>) {
    this.numbers = manifest;
    this.#manifest = manifest;
    this.#tensors = tensors;
  }

  /** @throws FlatminError STATE_INVALID, STATE_MISMATCH; nothing is kept then. */
  static async read(entries: unknown, variant: SharpnessVariant<unknown>): Promise<LoadedCheckpoint> {
    const given = entriesByName(entries);
    const copies = new Map([...given].map(([name, tensor]) => [name, tf.keep(tensor.clone())]));
    try {
      const manifest = parseManifest(await (copies.get(manifestName) as tf.Tensor).data());
      if (manifest.id !== variant.id) {
        throw new FlatminError(
          'STATE_MISMATCH',
          `these weights were saved by the optimizer ${show(manifest.id)}, this one is ${show(variant.id)}. Create it from the same spec.`,
        );
      }
      checkEntries(manifest, copies);
      checkSavedRadius(variant, manifest.radius);
      await refuseNaN(copies);
      return new LoadedCheckpoint(manifest, copies);
    } catch (error) {
      tf.dispose([...copies.values()]);
      throw error;
    }
  }

  /** Restores what of the base does not wait for variables; the only part that may be asynchronous. */
  async restoreWithoutVariables(base: BaseOptimizer | undefined): Promise<void> {
    if (this.#manifest.slots.length === 0) await base?.restore(this.#baseValues([]), []);
  }

  /**
   * For each saved variable the index among `variables`: their saved order, in which sums over them round as before.
   */
  order(variables: readonly tf.Variable[]): readonly number[] | undefined {
    const { names, shapes } = this.#manifest;
    if (names.length === 0) return undefined; // Saved before the first step.
    const saved = matchVariables(variables, names, shapes);
    return names.map((_, i) => saved.indexOf(i));
  }

  /**
   * The saved state in the order of `variables`, in tensors of the caller's, and the base restored; where the model was
   * saved at the weights to evaluate with, those that train are put back. Throws before anything changes when the
   * variables do not fit.
   */
  bind(variables: readonly tf.Variable[], base: BaseOptimizer | undefined): Bound {
    const { names, shapes, slots, training } = this.#manifest;
    if (names.length === 0) return { state: undefined, hasMoved: false }; // Saved before the first step.
    const ordered = matchVariables(variables, names, shapes).map((i) => names[i] as string);
    const state = decodeState(this.#manifest.state, ordered, (name) => this.#take(name).clone());
    if (slots.length > 0) void base?.restore(this.#baseValues(ordered), variables);
    if (training) variables.forEach((variable, i) => variable.assign(this.#take(`training/${ordered[i]}`)));
    return { state, hasMoved: training === true };
  }

  #baseValues(ordered: readonly string[]): SlotValues {
    const { slots, scalars } = this.#manifest;
    return {
      slots: Object.fromEntries(slots.map((slot) => [slot, ordered.map((name) => this.#take(`base/${slot}/${name}`))])),
      scalars: Object.fromEntries(scalars.map((name) => [name, this.#take(`base/${name}`)])),
    };
  }

  #take(name: string): tf.Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) {
      throw new FlatminError(
        'STATE_INVALID',
        `the saved optimizer lacks the tensor ${name}. The checkpoint is incomplete.`,
      );
    }
    return tensor;
  }

  /** The saved state, in tensors that stay the checkpoint's; undefined where it was saved before the first step. */
  state(): unknown {
    return decodeState(this.#manifest.state, this.#manifest.names, (name) => this.#take(name));
  }

  /** The entries as they were given, for a `getWeights` before the first step, with the numbers as they are now. */
  entries(numbers: Numbers): NamedTensor[] {
    const others = [...this.#tensors].filter(([name]) => name !== manifestName);
    const { flatmin, id, names, shapes, slots, scalars, state, training } = this.#manifest;
    return [
      encodeManifest({ flatmin, id, ...numbers, names, shapes, slots, scalars, state, training }),
      ...others.map(([name, tensor]) => ({ name, tensor })),
    ];
  }

  dispose(): void {
    tf.dispose([...this.#tensors.values()]);
  }
}

/** rho or its schedule as the optimizer holds it, or a number that the variant can hold. */
function checkSavedRadius({ learnedRadius }: SharpnessVariant<unknown>, radius: unknown): void {
  if (radius === undefined) return;
  const isRadius =
    learnedRadius === undefined
      ? scheduleSchema.safeParse(radius).success
      : typeof radius === 'number' && radius >= learnedRadius.min && radius <= learnedRadius.max;
  if (!isRadius) throw notSaved(`a manifest whose radius is ${show(radius)}`);
}

/**
 * For each variable the index of the saved one: by exact names, else by names without TF.js's `_n` suffixes, else by
 * position with equal shapes.
 */
function matchVariables(
  variables: readonly tf.Variable[],
  names: readonly string[],
  shapes: readonly (readonly number[])[],
): readonly number[] {
  const fits = (order: readonly number[]): boolean =>
    new Set(order).size === variables.length &&
    order.every((i, v) => tf.util.arraysEqual([...(shapes[i] ?? [NaN])], (variables[v] as tf.Variable).shape));
  if (names.length === variables.length) {
    const stripped = names.map(withoutSuffix);
    const candidates = [
      variables.map(({ name }) => names.indexOf(name)),
      variables.map(({ name }) => stripped.indexOf(withoutSuffix(name))),
      variables.map((_, i) => i),
    ];
    const found = candidates.find((order) => fits(order));
    if (found !== undefined) return found;
  }
  throw new FlatminError(
    'STATE_MISMATCH',
    `the saved optimizer belongs to ${names.length} variables (${names.slice(0, 4).join(', ')}, ...), which do not match the ` +
      `${variables.length} of this step (${variables
        .slice(0, 4)
        .map(({ name }) => name)
        .join(', ')}, ...) by name or shape. ` +
      'Train the model that was saved with it, or create a new optimizer.',
  );
}
