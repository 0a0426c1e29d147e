import { type LossFunction, sharing, type SharpnessAwareOptimizer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Comparison, requireAgreement } from './check.js';
import { compareRecordings } from './comparison.js';
import type { Environment } from './loadedGraph.js';
import { Program } from './program.js';
import { record, type Recording } from './recording.js';
import {
  changedFigures,
  describe,
  type Described,
  type Leaf,
  namedInputs,
  separate,
  type StepInput,
} from './stepRecord.js';

/** How a step is made of its inputs. */
export interface StepSetup {
  readonly optimizer: SharpnessAwareOptimizer;
  readonly variables: readonly tf.Variable[] | undefined;
  readonly lossOf: (...batch: readonly tf.Tensor[]) => LossFunction;
  readonly allowConstants: boolean;
}

/** A learning rate at which no constant of a step is by chance. */
const oddRate = 0.012345679;

/** Steps that run the same operations, as one graph, or one for each way that they can go by what they read back. */
export class StepGraph {
  readonly #setup: StepSetup;
  readonly #program = new Program<Leaf>();
  /** Every variable that a path reads or moves, by its edge. */
  readonly #used = new Map<string, tf.Variable>();

  constructor(setup: StepSetup) {
    this.#setup = setup;
  }

  /** False once a variable is gone. */
  get isAlive(): boolean {
    return [...this.#used.values()].every(({ isDisposed }) => !isDisposed);
  }

  /** Takes the step; undefined, and nothing happened, where it goes a way that was never recorded. */
  attempt(input: StepInput): tf.Scalar | undefined {
    const found = this.#compute(input);
    return found && this.#take(input, found);
  }

  /**
   * Records the way that this step goes, and takes it.
   *
   * @throws FlatminError CAPTURE_REFUSED; nothing has happened then.
   */
  learn(input: StepInput): tf.Scalar {
    separate(Object.values(tf.engine().registeredVariables));
    const { learningRate } = this.#setup.optimizer;
    // The first at the rate of the step, of which it asks what it is supplied with.
    const rates = [learningRate, learningRate === oddRate ? 2 * oddRate : oddRate] as const;
    const [first, second] = rates.map((rate) => this.#record(input, rate)) as [Recorded, Recorded];
    try {
      const { recording, result } = first;
      const take = { recording, rates: compareRecordings(recording, second.recording, rates) };
      if (result.leaf.figures.kind !== second.result.leaf.figures.kind) throw changedFigures(result, second.result);
      this.#use(recording, result);
      this.#program.add(take, result.outputs, result.leaf);
      const found = this.#compute(input) as Computed;
      check(found, result.values);
      return this.#take(input, found);
    } finally {
      tf.dispose([...first.result.values.values(), ...second.result.values.values()]);
    }
  }

  dispose(): void {
    this.#program.dispose();
  }

  #record({ position, batch, log }: StepInput, rate: number): Recorded {
    const { allowConstants, optimizer, variables: list, lossOf } = this.#setup;
    const { base } = optimizer.recipe;
    const before = optimizer.learningRate;
    const variables = Object.values(tf.engine().registeredVariables);
    const constants = (): readonly tf.Tensor[] => [...(base?.constants?.() ?? [])]; // Others at another learning rate.
    const start = {
      inputs: namedInputs({ position, batch }, variables),
      isConstant: ({ dataId }: tf.Tensor) =>
        allowConstants || constants().some((constant) => constant.dataId === dataId),
    };
    log.rewind();
    try {
      if (base !== undefined && !Number.isNaN(before)) base.learningRate = rate;
      return record(start, log, (edgeOf) =>
        optimizer.replay.trial(lossOf(...batch), list, (left) => describe(left, position.state, variables, edgeOf)),
      );
    } finally {
      if (base !== undefined && !Number.isNaN(before)) base.learningRate = before;
    }
  }

  #use({ segments }: Recording, { outputs, leaf }: Described): void {
    const read = new Set([...outputs, ...segments.flatMap(({ ops }) => ops.flatMap(({ inputs }) => inputs))]);
    const moved = new Set(leaf.moved.map(([variable]) => variable));
    Object.values(tf.engine().registeredVariables).forEach((variable, i) => {
      if (read.has(`variable${i}`) || moved.has(variable)) this.#used.set(`variable${i}`, variable);
    });
  }

  #compute({ position, batch, log }: StepInput): Computed | undefined {
    const { learningRate } = this.#setup.optimizer;
    log.rewind();
    const environment: Environment = namedInputs({ position, batch }, []);
    for (const [edge, variable] of this.#used) environment.set(edge, variable);
    const leaf = this.#program.run(environment, { log, learningRate });
    // What the graph made is ours; the rest belongs to somebody, but for the state, which is handed on.
    const tensorAt = (edge: string): tf.Tensor => {
      const tensor = environment.get(edge) as tf.Tensor;
      return /^(op|constant|state)/.test(edge) ? tensor : sharing(tensor);
    };
    return leaf && { leaf, tensorAt };
  }

  #take({ position }: StepInput, { leaf, tensorAt }: Computed): tf.Scalar {
    const state = leaf.state(position.state, tensorAt);
    const figures = leaf.figures.withPacked(tf.keep(tensorAt(leaf.packed) as tf.Tensor1D));
    for (const [variable, edge] of leaf.moved) variable.assign(tensorAt(edge));
    this.#setup.optimizer.replay.take({ state, figures });
    return tensorAt(leaf.loss) as tf.Scalar;
  }
}

/** Compares a run with what ran eagerly. The state is left out, which may hold small differences of large numbers. */
function check({ leaf, tensorAt }: Computed, values: Described['values']): void {
  const compare = (before: tf.Tensor, edge: string): Comparison => ({
    before,
    eager: values.get(edge) as tf.Tensor,
    replayed: tensorAt(edge),
  });
  requireAgreement([compare(tf.scalar(0), leaf.loss)]);
  requireAgreement(leaf.moved.map(([variable, edge]) => compare(variable, edge)));
}

/** A run that has not been taken. */
interface Computed {
  readonly leaf: Leaf;
  /** A tensor of the result, which is ours to keep. */
  readonly tensorAt: (edge: string) => tf.Tensor;
}

type Recorded = { readonly recording: Recording; readonly result: Described };
