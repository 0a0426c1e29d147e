import type { LossFunction, SharpnessAwareOptimizer } from '@flatmin/core';
import { alias } from '@flatmin/core/internal';
import * as tf from '@tensorflow/tfjs-core';
import { type Comparison, nudged, requireAgreement } from './check.js';
import { compareRecordings } from '../record/comparison.js';
import { Departure } from '../record/departure.js';
import type { Environment } from '../savedModel/loadedGraph.js';
import type { Change } from './graphNode.js';
import { GraphTree } from './graphTree.js';
import { record } from '../record/recorder.js';
import type { Recording } from '../record/recording.js';
import type { Script } from '../record/script.js';
import {
  changedMetrics,
  describe,
  type Described,
  type Leaf,
  namedInputs,
  separate,
  signatureOf,
  type StepInput,
  VariableNames,
} from './stepRecord.js';
import { Trust } from './trust.js';

/** How a step is made of its inputs. */
export interface StepSetup {
  readonly optimizer: SharpnessAwareOptimizer;
  readonly variables: readonly tf.Variable[] | undefined;
  readonly lossOf: (...batch: readonly tf.Tensor[]) => LossFunction;
  readonly allowConstants: boolean;
  /** Hears of constants that became inputs, and of the step since which that is known not to have been so. */
  readonly onChange: (changes: readonly Change[], index: number, lastChecked: number) => void;
}

/** A way that steps go, and how far it is trusted. */
interface Path {
  readonly leaf: Leaf;
  readonly trust: Trust;
  /** The step of the last check. */
  lastChecked: number;
}

/** A learning rate at which no constant of a step is by chance. */
const oddRate = 0.012345679;

/** Steps that run the same operations, as one graph, or one for each way that they can go by what they read back. */
export class StepGraph {
  readonly #setup: StepSetup;
  readonly #graphs = new GraphTree<Path>();
  readonly #names = new VariableNames();
  /** Every variable that a path reads or moves, by its edge. */
  readonly #used = new Map<string, tf.Variable>();
  /** The way that the last step went. */
  #last: Path | undefined;

  constructor(setup: StepSetup) {
    this.#setup = setup;
  }

  /** False once a variable is gone. */
  get isAlive(): boolean {
    return [...this.#used.values()].every(({ isDisposed }) => !isDisposed);
  }

  /**
   * Takes the step; where it goes a way that was never recorded, records it first.
   *
   * @throws Departure where the code does something else than the graph. FlatminError CAPTURE_REFUSED. Nothing has
   *   happened then.
   */
  step(input: StepInput): tf.Scalar {
    // The way will mostly be the same again: so what changed is known before the graph runs. Where it may be another
    // one, the code would be held to a path that it does not go, and ask for supplies that this step does not use.
    if (this.#last !== undefined && this.#graphs.isSure(this.#last, input.log)) this.#check(this.#last, input);
    for (;;) {
      const found = this.#compute(input);
      if (found === undefined) return this.#learn(input);
      if (!this.#check(found.path, input)) return this.#take(input, found);
    }
  }

  dispose(): void {
    this.#graphs.dispose();
  }

  /** Records the way that this step goes, and takes it. */
  #learn(input: StepInput): tf.Scalar {
    separate(Object.values(tf.engine().registeredVariables));
    const { learningRate } = this.#setup.optimizer;
    // The first at the rate of the step, of which it asks what it is supplied with.
    const rates = [learningRate, learningRate === oddRate ? 2 * oddRate : oddRate] as const;
    const first = this.#record(input, rates[0], { keeps: true });
    try {
      const second = this.#record(input, rates[1], {});
      const { recording, result } = first;
      const take = { recording, rates: compareRecordings(recording, second.recording, rates) };
      if (result.leaf.metrics.kind !== second.result.leaf.metrics.kind) throw changedMetrics(result, second.result);
      this.#use(recording, result);
      const path = { leaf: result.leaf, trust: new Trust(input.round), lastChecked: input.position.index };
      this.#graphs.add(take, result.outputs, path);
      const found = this.#compute(input) as Computed;
      check(found, result.values, () => this.#compute(input, nudged));
      return this.#take(input, found);
    } finally {
      tf.dispose([...first.result.values.values()]);
    }
  }

  /**
   * Runs the code of a path without computing anything, where that is due, and takes over the numbers that it runs with
   * now.
   *
   * @returns true where some were others than the last time.
   */
  #check(path: Path, input: StepInput): boolean {
    const { optimizer, onChange } = this.#setup;
    const { leaf, trust } = path;
    if (!trust.isDue(input.round)) return false;
    const script = this.#graphs.scriptOf(path);
    const { recording, result } = this.#record(input, optimizer.learningRate, { script });
    const { state, index } = input.position;
    const expected = signatureOf({ leaf, outputs: result.outputs }, state);
    if (signatureOf(result, state) !== expected) throw new Departure('it leaves something else');
    const changes = this.#graphs.follow(path, recording, optimizer.learningRate);
    if (changes.some(({ isNew }) => isNew)) onChange(changes, index, path.lastChecked);
    trust.checked(input.round, changes.length > 0);
    path.lastChecked = index;
    return changes.length > 0;
  }

  #record({ position, batch, log }: StepInput, rate: number, { keeps = false, script }: HowToRecord): Recorded {
    const { allowConstants, optimizer, variables: list, lossOf } = this.#setup;
    const { base } = optimizer.setup;
    const before = optimizer.learningRate;
    const variables = this.#names.now();
    const constants = (): readonly tf.Tensor[] => [...(base?.constants?.() ?? [])]; // Others at another learning rate.
    const start = {
      inputs: namedInputs({ position, batch }, variables),
      isConstant: ({ dataId }: tf.Tensor) =>
        allowConstants || constants().some((constant) => constant.dataId === dataId),
      ...(script && { script }),
    };
    log.rewind();
    const isOtherRate = base !== undefined && !Number.isNaN(before) && rate !== before;
    try {
      if (isOtherRate) base.learningRate = rate;
      return record(start, log, (edgeOf) =>
        optimizer.replay.trial(lossOf(...batch), list, (left) =>
          describe(left, position.state, variables, edgeOf, keeps),
        ),
      );
    } finally {
      if (isOtherRate) base.learningRate = before;
    }
  }

  #use({ segments }: Recording, { outputs, leaf }: Described): void {
    const read = new Set([...outputs, ...segments.flatMap(({ ops }) => ops.flatMap(({ inputs }) => inputs))]);
    const moved = new Set(leaf.moved.map(([variable]) => variable));
    for (const [edge, variable] of this.#names.now()) {
      if (read.has(edge) || moved.has(variable)) this.#used.set(edge, variable);
    }
  }

  /** @param change what becomes of the inputs. */
  #compute(
    { position, batch, log }: StepInput,
    change = (tensor: tf.Tensor): tf.Tensor => tensor,
  ): Computed | undefined {
    const { learningRate } = this.#setup.optimizer;
    log.rewind();
    const inputs = namedInputs({ position, batch }, this.#used);
    const environment: Environment = new Map([...inputs].map(([edge, tensor]) => [edge, change(tensor)]));
    const path = this.#graphs.run(environment, { log, learningRate });
    // What the graph made is ours; the rest belongs to somebody, but for the state, which is handed on.
    const tensorAt = (edge: string): tf.Tensor => {
      const tensor = environment.get(edge) as tf.Tensor;
      return /^(op|constant|state)/.test(edge) ? tensor : alias(tensor);
    };
    return path && { path, tensorAt };
  }

  #take({ position }: StepInput, { path, tensorAt }: Computed): tf.Scalar {
    const { leaf } = path;
    const state = leaf.state(position.state, tensorAt);
    const metrics = leaf.metrics.withPacked(tf.keep(tensorAt(leaf.packed) as tf.Tensor1D));
    for (const [variable, edge] of leaf.moved) variable.assign(tensorAt(edge));
    this.#setup.optimizer.replay.take({ state, metrics });
    path.trust.used();
    this.#last = path;
    return tensorAt(leaf.loss) as tf.Scalar;
  }
}

/** Compares a run with what ran eagerly, by what a change of the last bits does to it. */
function check(
  { path: { leaf }, tensorAt }: Computed,
  values: Described['values'],
  shake: () => Computed | undefined,
): void {
  let shaken: Computed | undefined;
  const starts = new Map<string, tf.Tensor>(leaf.moved.map(([variable, edge]) => [edge, variable]));
  requireAgreement(
    [...values].map(([edge, eager]): Comparison => {
      const replayed = tensorAt(edge);
      const again = (): tf.Tensor => (shaken ??= shake())?.tensorAt(edge) ?? replayed;
      return { before: starts.get(edge), eager, replayed, shaken: again };
    }),
  );
}

/** A run that has not been taken. */
interface Computed {
  readonly path: Path;
  /** A tensor of the result, which is ours to keep. */
  readonly tensorAt: (edge: string) => tf.Tensor;
}

interface HowToRecord {
  /** Whether the tensors that the step leaves are wanted. */
  readonly keeps?: boolean;
  /** To go through the code without computing anything. */
  readonly script?: Script | undefined;
}

type Recorded = { readonly recording: Recording; readonly result: Described };
