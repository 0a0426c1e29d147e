import * as tf from '@tensorflow/tfjs-core';
import type { RateEdges } from './comparison.js';
import { type Environment, LoadedGraph } from './loadedGraph.js';
import type { RecordedSegment, Recording } from './recording.js';
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

/** A segment as a graph, and what may follow it by what is read back at its end. */
class Node<L> {
  readonly children = new Map<string, Node<L>>();
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

  /** Makes the graph compute these edges too. */
  want(edges: Iterable<string>): void {
    const before = this.#wanted.size;
    for (const edge of edges) this.#wanted.add(edge);
    if (this.#wanted.size > before) this.#forget();
  }

  run(environment: Environment, { log, learningRate }: Surroundings): void {
    for (const { supply, edges } of this.segment.supplies) {
      log.next(supply).tensors.forEach((tensor, i) => environment.set(edges[i] as string, tensor));
    }
    for (const [edge, sign] of this.#take.rates) environment.set(edge, tf.scalar(sign * learningRate));
    this.#graph ??= new LoadedGraph(this.#simplified());
    this.#graph.run(environment);
  }

  dispose(): void {
    this.#forget();
    for (const child of this.children.values()) child.dispose();
  }

  #simplified() {
    const { recording, rates } = this.#take;
    const constants = new Map([...recording.constants].filter(([edge]) => !rates.has(edge)));
    return simplify({ ...recording, constants, ops: this.segment.ops, wanted: this.#wanted });
  }

  #forget(): void {
    this.#graph?.dispose();
    this.#graph = undefined;
  }
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
  #root: Node<L> | undefined;

  /** Adds the path that a recording went. Its beginning is the same as that of the others, as far as they read the same. */
  add(take: Take, outputs: readonly string[], leaf: L): void {
    const { segments } = take.recording;
    const wanted = wantedOf(take.recording, outputs);
    let node = (this.#root ??= new Node<L>(segments[0] as RecordedSegment, take));
    segments.forEach((segment, i) => {
      node.want(wanted[i] as readonly string[]);
      const next = segments[i + 1];
      if (next === undefined || segment.read === undefined) return;
      const { values } = segment.read;
      const child = node.children.get(values) ?? new Node<L>(next, take);
      node.children.set(values, child);
      node = child;
    });
    node.leaf = leaf;
  }

  /** Runs from inputs to the end of a path; undefined where that was never recorded. New tensors belong to the caller's scope. */
  run(environment: Environment, surroundings: Surroundings): L | undefined {
    let node = this.#root;
    while (node !== undefined) {
      node.run(environment, surroundings);
      const { read } = node.segment;
      if (read === undefined) return node.leaf;
      node = node.children.get([...(environment.get(read.edge) as tf.Tensor).dataSync()].join());
    }
    return undefined;
  }

  dispose(): void {
    this.#root?.dispose();
    this.#root = undefined;
  }
}
