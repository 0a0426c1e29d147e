import * as tf from '@tensorflow/tfjs-core';
import type { RateEdges } from './comparison.js';
import { type Environment, LoadedGraph } from './loadedGraph.js';
import type { EdgeType, RecordedSegment, Recording } from './recording.js';
import { simplify } from './simplify.js';
import type { SupplyLog } from './supplyLog.js';

/** A recording, and which of its constants are the learning rate. */
export interface Take {
  readonly recording: Recording;
  readonly rates: RateEdges;
}

/** What a run needs beside its inputs. */
export interface Surroundings {
  readonly log: SupplyLog;
  readonly learningRate: number;
}

const rateEdge = (sign: 1 | -1): string => (sign === 1 ? 'rate' : 'negativeRate');

/** A segment as a graph, and what may follow it by what is read back at its end. */
class Node<L> {
  readonly children = new Map<string, Fork<L>>();
  /** At the end of a path. */
  leaf: L | undefined;
  readonly segment: RecordedSegment;
  readonly #take: Take;
  readonly #wanted = new Set<string>();
  #graph: LoadedGraph | undefined;

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
    if (this.#wanted.size > before) this.#forget();
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
    this.#graph ??= new LoadedGraph(this.#simplified());
    this.#graph.run(environment);
  }

  dispose(): void {
    this.#forget();
    for (const fork of this.children.values()) for (const child of fork) child.dispose();
  }

  #simplified() {
    const { recording, rates } = this.#take;
    const constants = new Map([...recording.constants].filter(([edge]) => !rates.has(edge)));
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

/** Segments that may begin at one point: one for all shapes of what is supplied, such as a last held-out batch that is smaller. */
type Fork<L> = Node<L>[];

function isOfType(tensor: tf.Tensor | undefined, type: EdgeType | undefined): boolean {
  return tensor?.dtype === type?.dtype && tensor?.shape.join() === type?.shape.join();
}

/** The edges that a segment computes. */
function producedBy({ ops }: RecordedSegment): (edge: string) => boolean {
  const names = new Set(ops.map(({ name }) => name));
  return (edge) => names.has(edge.split(':')[0] as string);
}

/** For each segment, what those after it and the outputs need of it. */
function wantedOf({ segments, constants }: Recording, outputs: readonly string[]): readonly (readonly string[])[] {
  return segments.map((segment, i) => {
    const later = segments
      .slice(i + 1)
      .flatMap(({ ops, read }) => [...ops.flatMap(({ inputs }) => inputs), read?.edge]);
    const isProduced = producedBy(segment);
    const isLast = i === segments.length - 1;
    const needed = [...later, segment.read?.edge, ...outputs].filter((edge) => edge !== undefined);
    return needed.filter((edge) => isProduced(edge) || (isLast && constants.has(edge)));
  });
}

/**
 * A function as graphs: one for what runs until a value is read back, and for each of the values that were seen one for what runs
 * then, and so on to the end.
 *
 * @typeParam L what stands at the end of a path.
 */
export class Program<L> {
  readonly #start: Fork<L> = [];

  /** Adds the path that a recording went. Its beginning is the same as that of the others, as far as they read the same. */
  add(take: Take, outputs: readonly string[], leaf: L): void {
    const { segments, edges } = take.recording;
    const wanted = wantedOf(take.recording, outputs);
    let fork = this.#start;
    segments.forEach((segment, i) => {
      let node = fork.find((other) => other.isLike(segment, edges));
      if (node === undefined) fork.push((node = new Node<L>(segment, take)));
      node.want(wanted[i] as readonly string[]);
      if (segment.read === undefined) {
        node.leaf = leaf;
        return;
      }
      const next = node.children.get(segment.read.values) ?? [];
      node.children.set(segment.read.values, next);
      fork = next;
    });
  }

  /** Runs from inputs to the end of a path; undefined where that was never recorded. New tensors belong to the caller's scope. */
  run(environment: Environment, { log, learningRate }: Surroundings): L | undefined {
    let fork: Fork<L> | undefined = this.#start;
    while (fork !== undefined) {
      const start = log.position;
      const node: Node<L> | undefined = fork.find((each) => {
        log.position = start;
        return each.supply(environment, log);
      });
      if (node === undefined) return undefined;
      node.run(environment, learningRate);
      const { read } = node.segment;
      if (read === undefined) return node.leaf;
      fork = node.children.get([...(environment.get(read.edge) as tf.Tensor).dataSync()].join());
    }
    return undefined;
  }

  dispose(): void {
    for (const node of this.#start.splice(0)) node.dispose();
  }
}
