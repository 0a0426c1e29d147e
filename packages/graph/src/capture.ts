import {
  checkLoss,
  FirstOfItsKind,
  FlatminError,
  type LossFunction,
  refuseOtherCopy,
  type SharpnessAwareOptimizer,
  type StepPosition,
  tensorsOf,
} from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from './nativeBackend.js';
import { shapeOfState } from './stateTemplate.js';
import { StepGraph, type StepSetup } from './stepGraph.js';
import { SupplyLog } from './supplyLog.js';

export interface CaptureOptions {
  /** What to train, as in `minimize`; default: all trainable variables that the loss depends on. */
  readonly variables?: readonly tf.Variable[];
  /**
   * True where tensors that the loss uses beyond its batch, variables and what is supplied never change: they become constants of the
   * graph. Default false: they are refused.
   */
  readonly allowConstants?: boolean;
  /** Graphs that are kept: one for each shape of the batch and branch of the variant. Further ones step eagerly. Default 16. */
  readonly maxGraphs?: number;
}

/** A step of the optimizer on a batch; gives the clean loss, which the caller disposes. */
export interface CapturedStep<B extends readonly tf.Tensor[]> {
  (...batch: B): tf.Scalar;
  /** Graphs so far. */
  readonly graphs: number;
  /** Frees the graphs. The optimizer stays as it is. */
  dispose(): void;
}

/** Refuses what can never be captured. */
function requireCapturable(optimizer: SharpnessAwareOptimizer): void {
  nativeBackend();
  refuseOtherCopy(optimizer, 'the optimizer to be captured');
  const { base, variant } = optimizer.recipe;
  if (variant.branch === undefined) {
    throw new FlatminError(
      'CAPTURE_REFUSED',
      `${variant.id}, or a variant inside of it, does not say which way its steps go. Give the variant a method branch: most say ` +
        "branch: () => 'step'. Or train without a graph.",
    );
  }
  if (base !== undefined && base.isReplayable !== true) {
    throw new FlatminError(
      'CAPTURE_REFUSED',
      `the base ${base.id} keeps to itself what it remembers. Use one by name, such as { use: 'momentum', learningRate: 0.1, ` +
        'momentum: 0.9 }, or train without a graph.',
    );
  }
}

/** Which tensors hold the same data: in a graph they are one. */
function sharedData(tensors: readonly tf.Tensor[]): string {
  const first = new Map<tf.Tensor['dataId'], number>();
  return tensors
    .flatMap(({ dataId }, i) => {
      const at = first.get(dataId);
      if (at === undefined) first.set(dataId, i);
      return at === undefined ? [] : [`${i}=${at}`];
    })
    .join();
}

/** What two steps have in common that run the same operations. */
function keyOf(
  { branch, active, variables, state }: StepPosition,
  batch: readonly tf.Tensor[],
  slots: tf.Tensor[],
): string {
  const tensors = [...batch, ...tensorsOf(state)];
  const shared = sharedData([...variables, ...slots, ...tensors]);
  const shapes = batch.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`);
  return JSON.stringify([branch, active, shapes, shapeOfState(state), shared, slots.length]);
}

/** The graphs of one optimizer on batches of one kind. */
class Captured {
  readonly graphs = new Map<string, StepGraph>();
  readonly #setup: StepSetup;
  readonly #maxGraphs: number;
  #warned = false;

  constructor(setup: StepSetup, maxGraphs: number) {
    this.#setup = setup;
    this.#maxGraphs = maxGraphs;
  }

  step(batch: readonly tf.Tensor[]): tf.Scalar {
    const { optimizer, lossOf, variables } = this.#setup;
    return tf.tidy(() => {
      optimizer.replay.bindLoaded(() => lossOf(...batch), variables);
      return (
        this.#replayed(batch) ?? (optimizer.minimize(lossOf(...batch), true, variables && [...variables]) as tf.Scalar)
      );
    });
  }

  dispose(): void {
    for (const graph of this.graphs.values()) graph.dispose();
    this.graphs.clear();
  }

  /** Undefined for a step that has to run eagerly. */
  #replayed(batch: readonly tf.Tensor[]): tf.Scalar | undefined {
    const { optimizer, variables } = this.#setup;
    const position = optimizer.replay.position(variables);
    if (position === undefined || position.branch === null) return undefined;
    const graph = this.#graphOf(keyOf(position, batch, [...(optimizer.recipe.base?.owned() ?? [])]));
    if (graph === undefined) return undefined;
    const input = { position, batch, log: new SupplyLog() };
    try {
      return graph.attempt(input) ?? graph.learn(input);
    } catch (error) {
      if (error instanceof FirstOfItsKind) return undefined;
      throw error;
    } finally {
      input.log.dispose();
    }
  }

  #graphOf(key: string): StepGraph | undefined {
    const known = this.graphs.get(key);
    if (known?.isAlive === true) return known;
    known?.dispose();
    if (known === undefined && this.graphs.size >= this.#maxGraphs) return this.#warn();
    const graph = new StepGraph(this.#setup);
    this.graphs.set(key, graph);
    return graph;
  }

  #warn(): undefined {
    if (this.#warned) return;
    this.#warned = true;
    this.#setup.optimizer.recipe.logger.warn(
      `flatmin: there are ${this.#maxGraphs} graphs already, one for each shape of the batch and branch of the step; other steps run ` +
        'eagerly. Cut batches to equal sizes, or raise maxGraphs.',
    );
  }
}

/**
 * A step of an optimizer that runs as one TensorFlow graph on the native backend: the same step, without what each single
 * operation costs in JavaScript.
 *
 * The first step of an optimizer runs eagerly, as it creates what the base remembers. After that, the first step of each kind (shape
 * of the batch, branch of the variant) is recorded twice, undone, compared, loaded as a graph and checked against what was
 * recorded; all others are one call. Weights stay in their `tf.Variable`s, state in the optimizer: eager and captured steps mix,
 * and checkpoints, evaluation and `lastStep` need nothing special.
 *
 * The graph repeats what `lossOf` did: beyond its batch, variables and what is `supplied`, that has to be the same in each step.
 *
 * Cost: two eager steps and 10 to 40 ms for an MLP to record; a step then takes its gradient evaluations and 0.2 ms.
 *
 * @param lossOf the loss of a batch, as `minimize` takes it.
 * @param example a batch, from which a loss is made, to see that it is one.
 * @throws FlatminError CAPTURE_REFUSED where the step could not be repeated by a graph, saying what stands in the way; nothing has
 *   changed then. Also from a step, when it first goes a new way.
 * @example
 * ```ts
 * const step = capture(optimizer, (x, y) => lossOfBatch(perExample, x, y), [x, y]);
 * for (const [x, y] of batches) step(x, y).dispose();
 * step.dispose();
 * ```
 */
export function capture<B extends readonly tf.Tensor[]>(
  optimizer: SharpnessAwareOptimizer,
  lossOf: (...batch: B) => LossFunction,
  example: B,
  { allowConstants = false, variables, maxGraphs = 16 }: CaptureOptions = {},
): CapturedStep<B> {
  requireCapturable(optimizer);
  tf.tidy(() => checkLoss(lossOf(...example)));
  const captured = new Captured(
    { allowConstants, optimizer, variables, lossOf: lossOf as unknown as StepSetup['lossOf'] },
    maxGraphs,
  );
  return Object.defineProperty(
    Object.assign((...batch: B) => captured.step(batch), { dispose: () => captured.dispose() }),
    'graphs',
    { get: () => captured.graphs.size },
  ) as CapturedStep<B>;
}
