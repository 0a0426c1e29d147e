import { alias } from '@flatmin/core/internal';
import * as tf from '@tensorflow/tfjs-core';
import { type RateEdges, sameConstant } from '../record/comparison.js';
import { Departure } from '../record/departure.js';
import { type Constant, type EdgeType, expanded, type RecordedSegment, type Recording } from '../record/recording.js';
import type { SupplyLog } from '../record/supplyLog.js';
import { type Environment, LoadedGraph } from '../savedModel/loadedGraph.js';
import { simplify } from '../savedModel/simplify.js';

/** A recording, and which of its constants are the learning rate. */
export interface Take {
  readonly recording: Recording;
  readonly rates: RateEdges;
}

/** A constant that is none any more: an input, which has the value that it was last seen with. */
export interface Change {
  readonly was: Constant;
  readonly now: Constant;
  /** The op that takes it. */
  readonly user: string | undefined;
  /** False where it was an input already. */
  readonly isNew: boolean;
}

/** An input that was a constant. */
interface Changing {
  readonly constant: Constant;
  readonly tensor: tf.Tensor;
}

const rateEdge = (sign: 1 | -1): string => (sign === 1 ? 'rate' : 'negativeRate');

/** A segment as a graph, and what may follow it by what is read back at its end. */
export class GraphNode<L> {
  readonly children = new Map<string, Fork<L>>();
  /** At the end of a path. */
  leaf: L | undefined;
  readonly segment: RecordedSegment;
  readonly #take: Take;
  readonly #wanted = new Set<string>();
  readonly #changing = new Map<string, Changing>();
  #graph: LoadedGraph | undefined;
  /** The constants that the segment takes or hands out; those of the same name in other segments may be others. */
  #constants: readonly string[] | undefined;

  constructor(segment: RecordedSegment, take: Take) {
    this.segment = segment;
    this.#take = take;
  }

  /** Whether another segment at this point is supplied with tensors of the same shapes. */
  isLike({ supplies }: RecordedSegment, types: ReadonlyMap<string, EdgeType>): boolean {
    const own = this.segment.supplies;
    const ownTypes = this.#take.recording.edges;
    const show = (edges: readonly string[], of: ReadonlyMap<string, EdgeType>): string =>
      edges.map((edge) => `${of.get(edge)?.dtype}[${of.get(edge)?.shape.join()}]`).join();
    return (
      own.length === supplies.length &&
      own.every(({ edges }, i) => show(edges, ownTypes) === show(supplies[i]?.edges ?? [], types))
    );
  }

  /** Makes the graph compute these edges too. */
  want(edges: Iterable<string>): void {
    const before = this.#wanted.size;
    for (const edge of edges) this.#wanted.add(edge);
    if (this.#wanted.size === before) return;
    this.#constants = undefined;
    this.#forget();
  }

  /** Asks for what the segment is supplied with; false where that has other shapes than when it was recorded. */
  supply(environment: Environment, log: SupplyLog): boolean {
    const { edges: types } = this.#take.recording;
    return this.segment.supplies.every(({ supply, edges }) => {
      const { tensors } = log.next(supply);
      edges.forEach((edge, i) => environment.set(edge, tensors[i] as tf.Tensor));
      return edges.length === tensors.length && edges.every((edge, i) => isOfType(tensors[i], types.get(edge)));
    });
  }

  run(environment: Environment, learningRate: number): void {
    for (const sign of new Set(this.#take.rates.values())) {
      environment.set(rateEdge(sign), tf.scalar(sign * learningRate));
    }
    for (const [edge, sign] of this.#take.rates) environment.set(edge, environment.get(rateEdge(sign)) as tf.Tensor);
    for (const [edge, { tensor }] of this.#changing) environment.set(edge, alias(tensor));
    this.#graph ??= new LoadedGraph(this.#simplified());
    this.#graph.run(environment);
  }

  /**
   * Takes over the constants with which the code runs now; those that were others become inputs.
   *
   * @throws Departure where what was the learning rate is not any more.
   */
  follow({ constants }: Recording, learningRate: number): Change[] {
    const { recording, rates } = this.#take;
    return (this.#constants ??= this.#findConstants()).flatMap((edge) => {
      const was = this.#changing.get(edge)?.constant ?? recording.constants.get(edge);
      const now = constants.get(edge);
      if (was === undefined || now === undefined) return [];
      const sign = rates.get(edge);
      if (sign === undefined) return sameConstant(was, now) ? [] : [this.#change(edge, was, now)];
      if (Object.is(expanded(now)[0], Math.fround(sign * learningRate))) return [];
      throw new Departure('a number that was the learning rate is another one');
    });
  }

  dispose(): void {
    this.#forget();
    for (const { tensor } of this.#changing.values()) tensor.dispose();
    for (const fork of this.children.values()) for (const child of fork) child.dispose();
  }

  #findConstants(): readonly string[] {
    const edges = new Set([...this.segment.ops.flatMap(({ inputs }) => inputs), ...this.#wanted]);
    return [...edges].filter((edge) => this.#take.recording.constants.has(edge));
  }

  #change(edge: string, was: Constant, now: Constant): Change {
    const former = this.#changing.get(edge);
    former?.tensor.dispose();
    const tensor = tf.keep(tf.tensor(expanded(now), [...now.shape], now.dtype));
    this.#changing.set(edge, { constant: now, tensor });
    if (former === undefined) this.#forget();
    const user = this.segment.ops.find(({ inputs }) => inputs.includes(edge))?.op;
    return { was, now, user, isNew: former === undefined };
  }

  #simplified() {
    const { recording, rates } = this.#take;
    const isInput = (edge: string): boolean => rates.has(edge) || this.#changing.has(edge);
    const constants = new Map([...recording.constants].filter(([edge]) => !isInput(edge)));
    // Adam takes the learning rate once for each variable: one input serves them all.
    const input = (edge: string): string => (rates.has(edge) ? rateEdge(rates.get(edge) as 1 | -1) : edge);
    const ops = this.segment.ops.map((op) => ({ ...op, inputs: op.inputs.map(input) }));
    const edges = new Map(recording.edges);
    for (const [edge, sign] of rates) edges.set(rateEdge(sign), recording.edges.get(edge) as EdgeType);
    return simplify({ ...recording, constants, ops, edges, wanted: this.#wanted });
  }

  #forget(): void {
    this.#graph?.dispose();
    this.#graph = undefined;
  }
}

/**
 * Segments that may begin at one point: one for all shapes of what is supplied, such as a last held-out batch that is
 * smaller.
 */
export type Fork<L> = GraphNode<L>[];

function isOfType(tensor: tf.Tensor | undefined, type: EdgeType | undefined): boolean {
  return tensor?.dtype === type?.dtype && tensor?.shape.join() === type?.shape.join();
}
