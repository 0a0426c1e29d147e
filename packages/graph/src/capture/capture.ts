import { FlatminError, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { checkLoss, FirstOfItsKind, refuseOtherCopy, type StepPosition, tensorsOf } from '@flatmin/core/internal';
import * as tf from '@tensorflow/tfjs-core';
import { changeLine } from '../replay/changeLine.js';
import { Departure } from '../record/departure.js';
import { type NativeBackend, nativeBackend, requireActive } from '../native/nativeBackend.js';
import { shapeOfState } from '../replay/stateTemplate.js';
import { StepGraph, type StepSetup } from '../replay/stepGraph.js';
import type { StepInput } from '../replay/stepRecord.js';
import { SupplyLog } from '../record/supplyLog.js';

export interface CaptureOptions {
  /** What to train, as in `minimize`; default: all trainable variables that the loss depends on. */
  readonly variables?: readonly tf.Variable[];
  /**
   * True where tensors that the loss uses beyond its batch, variables and what is supplied never change: they become
   * constants of the graph. Default false: they are refused.
   */
  readonly allowConstants?: boolean;
  /**
   * Graphs that are kept: one for each shape of the batch and way of the variant. Further ones step eagerly. Default
   * 16.
   */
  readonly maxGraphs?: number;
}

/** A step of the optimizer on a batch; gives the clean loss, which the caller disposes. */
export interface CapturedStep<B extends readonly tf.Tensor[]> {
  (...batch: B): tf.Scalar;
  /** Graphs so far. */
  readonly graphs: number;
  /**
   * Has the next step of each kind checked against the code, before it is taken: call it after anything that may have
   * changed a number that the loss or the variant uses. Without it that is noticed within 50 steps.
   */
  recheck(): void;
  /** Frees the graphs. The optimizer stays as it is. */
  dispose(): void;
}

/** Refuses what can never be captured. */
function requireCapturable(optimizer: SharpnessAwareOptimizer): void {
  nativeBackend();
  refuseOtherCopy(optimizer, 'the optimizer to be captured');
  const { base, variant } = optimizer.setup;
  if (variant.graphKey === undefined) {
    throw new FlatminError(
      'CAPTURE_REFUSED',
      `${variant.id}, or a variant inside of it, does not say which branch its steps take. Give the variant a method graphKey: most say ` +
        "graphKey: () => 'step'. Or train without a graph.",
    );
  }
  if (base !== undefined && base.isReplayable !== true) {
    throw new FlatminError(
      'CAPTURE_REFUSED',
      `the base ${base.id} does not show what it remembers. Use one by name, such as { use: 'momentum', learningRate: 0.1, ` +
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
  { graphKey, active, variables, state }: StepPosition,
  batch: readonly tf.Tensor[],
  slots: tf.Tensor[],
): string {
  const tensors = [...batch, ...tensorsOf(state)];
  const shared = sharedData([...variables, ...slots, ...tensors]);
  const shapes = batch.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`);
  return JSON.stringify([graphKey, active, shapes, shapeOfState(state), shared, slots.length]);
}

/** Steps that graphs have to serve for each time that one is captured again: about what that costs. */
const worthwhile = 8;
/** How often that may be before it counts. */
const freely = 3;

/** The graphs of one optimizer on batches of one kind. */
class Captured {
  readonly graphs = new Map<string, StepGraph>();
  readonly #setup: StepSetup;
  readonly #maxGraphs: number;
  readonly #backend: NativeBackend = nativeBackend();
  /** How often checks were asked for. */
  #round = 0;
  /** Steps that graphs have taken, and how often the code departed from one. */
  #steps = 0;
  #departures = 0;
  readonly #said = new Set<'change' | 'departure' | 'maximum'>();

  constructor(setup: Omit<StepSetup, 'onChange'>, maxGraphs: number) {
    const onChange: StepSetup['onChange'] = (changes, index, lastChecked) => {
      this.#sayOnce('change', () => changeLine(changes, index, lastChecked));
    };
    this.#setup = { ...setup, onChange };
    this.#maxGraphs = maxGraphs;
  }

  step(batch: readonly tf.Tensor[]): tf.Scalar {
    requireActive(this.#backend);
    const { optimizer, lossOf, variables } = this.#setup;
    return tf.tidy(() => {
      optimizer.replay.bindLoaded(() => lossOf(...batch), variables);
      return (
        this.#replayed(batch) ?? (optimizer.minimize(lossOf(...batch), true, variables && [...variables]) as tf.Scalar)
      );
    });
  }

  recheck(): void {
    this.#round++;
  }

  dispose(): void {
    for (const graph of this.graphs.values()) graph.dispose();
    this.graphs.clear();
  }

  /** Undefined for a step that has to run eagerly. */
  #replayed(batch: readonly tf.Tensor[]): tf.Scalar | undefined {
    const { optimizer, variables } = this.#setup;
    const position = optimizer.replay.position(variables);
    if (position === undefined || position.graphKey === null) return undefined;
    const key = keyOf(position, batch, [...(optimizer.setup.base?.owned() ?? [])]);
    const input = { position, batch, log: new SupplyLog(), round: this.#round };
    try {
      return this.#byGraph(key, input);
    } catch (error) {
      if (error instanceof FirstOfItsKind) return undefined;
      throw error;
    } finally {
      input.log.dispose();
    }
  }

  #byGraph(key: string, input: StepInput): tf.Scalar | undefined {
    if ((this.#departures - freely) * worthwhile > this.#steps) throw restless();
    const graph = this.#graphOf(key);
    if (graph === undefined) return undefined;
    try {
      const loss = graph.step(input);
      this.#steps++;
      return loss;
    } catch (error) {
      if (!(error instanceof Departure)) throw error;
      this.#forget(key, graph);
      this.#departures++;
      const { index } = input.position;
      this.#sayOnce(
        'departure',
        () => `flatmin: step ${index}: ${error.what}. If operations have changed, the step is captured again.`,
      );
      return this.#byGraph(key, input);
    }
  }

  #graphOf(key: string): StepGraph | undefined {
    const known = this.graphs.get(key);
    if (known?.isAlive === true) return known;
    if (known !== undefined) this.#forget(key, known);
    else if (this.graphs.size >= this.#maxGraphs) return this.#sayOnce('maximum', () => tooMany(this.#maxGraphs));
    const graph = new StepGraph(this.#setup);
    this.graphs.set(key, graph);
    return graph;
  }

  #forget(key: string, graph: StepGraph): void {
    graph.dispose();
    this.graphs.delete(key);
  }

  #sayOnce(what: 'change' | 'departure' | 'maximum', line: () => string): undefined {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#setup.optimizer.setup.logger.warn(line());
  }
}

const tooMany = (count: number): string =>
  `flatmin: there are ${count} graphs already, one for each shape of the batch and branch of the step; other steps run ` +
  'eagerly. Cut batches to equal sizes, or raise maxGraphs.';

const restless = (): FlatminError =>
  new FlatminError(
    'CAPTURE_REFUSED',
    'the code runs other operations from one step to the next, so no graph stays valid. If a variant decides that, let its ' +
      'method graphKey say so; otherwise decide by tensors (tf.where), or train without a graph.',
  );

/**
 * A step of an optimizer that runs as one TensorFlow graph on the native backend: the same step, without what each
 * single operation costs in JavaScript.
 *
 * The first step of an optimizer runs eagerly, as it creates what the base remembers. After that, the first step of
 * each kind (shape of the batch, way of the variant) is recorded twice, undone, compared, loaded as a graph and checked
 * against what was recorded; all others are one call. Weights stay in their `tf.Variable`s, state in the optimizer:
 * eager and captured steps mix, and checkpoints, evaluation and `lastStep` need nothing special.
 *
 * The graph repeats what `lossOf` did. That the code would do the same is checked by running it without computing
 * anything: in the first 16 steps of a kind, which go by other indices and integers of the state; after each
 * `recheck()`, and after 50 steps. A number that has changed becomes an input; where the operations are others the step
 * is captured again; where they are from one step to the next it is refused. One line to the optimizer's logger says
 * so.
 *
 * Cost: two eager steps and 10 to 40 ms for an MLP to record; a step then takes its gradient evaluations and 0.2 ms; a
 * check takes the JavaScript of an eager step.
 *
 * @param lossOf the loss of a batch, as `minimize` takes it.
 * @param example a batch, from which a loss is made, to see that it is one.
 * @throws FlatminError CAPTURE_REFUSED where the step could not be repeated by a graph, saying what stands in the way;
 *   nothing has changed then. Also from a step, when it first goes a new way.
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
    Object.assign((...batch: B) => captured.step(batch), {
      recheck: () => captured.recheck(),
      dispose: () => captured.dispose(),
    }),
    'graphs',
    { get: () => captured.graphs.size },
  ) as CapturedStep<B>;
}
