import type { RandomStream } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** Draws the first values of a variable of `size` elements. */
export type Initializer = (random: RandomStream, size: number) => Float32Array;

/** Where a part of a model stands. */
export interface WeightsPlace {
  /** The first segment of all names. */
  readonly scope: string;
  /** The segments after it, each with a slash. */
  readonly path: string;
  readonly random: RandomStream;
  readonly all: tf.Variable[];
}

/**
 * The variables of one model, as its layers make them. Each is named after the layer,
 * `resnet/stage1/block1/conv1/kernel`, and drawn from the stream under that name without the scope: so what is drawn
 * depends on no order, and on no other model.
 */
export class Weights {
  readonly #place: WeightsPlace;

  constructor(place: WeightsPlace) {
    this.#place = place;
  }

  /** Every variable so far, of all parts, in the order they were made. */
  get all(): readonly tf.Variable[] {
    return this.#place.all;
  }

  /** The segments of names of this part after the first: what a layer without variables is told apart by. */
  get path(): string {
    return this.#place.path;
  }

  /** The part with this name: variables that it makes are named below it, and are listed in `all` of the whole. */
  at(name: string): Weights {
    return new Weights({ ...this.#place, path: `${this.#place.path}${name}/` });
  }

  /** A float32 variable that training moves. */
  trained(name: string, shape: number[], initial: Initializer): tf.Variable {
    return this.#variable(name, shape, initial, true);
  }

  /** A float32 variable that the forward pass moves, such as an average; no gradient reaches it. */
  statistic(name: string, shape: number[], initial: Initializer): tf.Variable {
    return this.#variable(name, shape, initial, false);
  }

  /** Frees every variable; may be called twice. */
  dispose(): void {
    for (const variable of this.#place.all) variable.dispose();
  }

  #variable(name: string, shape: number[], initial: Initializer, trainable: boolean): tf.Variable {
    const { scope, path, random, all } = this.#place;
    const values = initial(random.at(`${path}${name}`), tf.util.sizeFromShape(shape));
    const made = tf.tidy(() => tf.variable(tf.tensor(values, shape, 'float32'), trainable, `${scope}/${path}${name}`));
    all.push(made);
    return made;
  }
}

/**
 * The weights of a new model, none yet.
 *
 * @param id the first segment of their names, with `_1`, `_2`, ... if a live variable has it.
 * @param random the stream of the initial values, drawn below `id`.
 */
export function weightsOf(id: string, random: RandomStream): Weights {
  return new Weights({ scope: freeScope(id), path: '', random: random.at(id), all: [] });
}

/**
 * The first of `id`, `id_1`, `id_2`, ... that no living variable's name begins with: TensorFlow.js refuses a name
 * twice. Taken from what lives and not counted, so that a model rebuilt after `dispose` finds its checkpoint by the
 * same names.
 */
export function freeScope(id: string): string {
  const taken = new Set(Object.keys(tf.engine().registeredVariables).map((name) => name.split('/')[0]));
  for (let n = 0; ; n++) {
    const scope = n === 0 ? id : `${id}_${n}`;
    if (!taken.has(scope)) return scope;
  }
}
