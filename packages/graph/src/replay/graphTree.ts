import type * as tf from '@tensorflow/tfjs-core';
import { Departure } from '../record/departure.js';
import type { RecordedSegment, Recording } from '../record/recording.js';
import { Script } from '../record/script.js';
import type { SupplyLog } from '../record/supplyLog.js';
import type { Environment } from '../savedModel/loadedGraph.js';
import { type Change, type Fork, GraphNode, type Take } from './graphNode.js';

/** What a run needs beside its inputs. */
export interface Surroundings {
  readonly log: SupplyLog;
  readonly learningRate: number;
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
 * A function as graphs: one for what runs until a value is read back, and for each of the values that were seen one for
 * what runs then, and so on to the end.
 *
 * @typeParam L what stands at the end of a path.
 */
export class GraphTree<L> {
  readonly #start: Fork<L> = [];
  readonly #paths = new Map<L, { readonly nodes: readonly GraphNode<L>[]; readonly script: Script }>();

  /**
   * Adds the path that a recording went. Its beginning is the same as that of the others, as far as they read the same.
   */
  add(take: Take, outputs: readonly string[], leaf: L): void {
    const { segments, edges } = take.recording;
    const wanted = wantedOf(take.recording, outputs);
    let fork = this.#start;
    const nodes: GraphNode<L>[] = [];
    segments.forEach((segment, i) => {
      let node = fork.find((other) => other.isLike(segment, edges));
      if (node === undefined) fork.push((node = new GraphNode<L>(segment, take)));
      nodes.push(node);
      node.want(wanted[i] as readonly string[]);
      if (segment.read === undefined) {
        node.leaf = leaf;
        return;
      }
      const next = node.children.get(segment.read.values) ?? [];
      node.children.set(segment.read.values, next);
      fork = next;
    });
    this.#paths.set(leaf, { nodes, script: new Script(take.recording) });
  }

  /** The text of the path that ends so. */
  scriptOf(leaf: L): Script {
    return (this.#paths.get(leaf) as { readonly script: Script }).script;
  }

  /**
   * Whether a step goes this path for sure: it is supplied with tensors of its shapes, and reads nothing back on its
   * way, by which it could go another.
   */
  isSure(leaf: L, log: SupplyLog): boolean {
    const { nodes } = this.#paths.get(leaf) as { readonly nodes: readonly GraphNode<L>[] };
    log.rewind();
    return nodes.length === 1 && (nodes[0] as GraphNode<L>).supply(new Map(), log);
  }

  /** Takes over the constants of a path as the code has them now. */
  follow(leaf: L, recording: Recording, learningRate: number): Change[] {
    const { nodes } = this.#paths.get(leaf) as { readonly nodes: readonly GraphNode<L>[] };
    const changes = nodes.flatMap((node) => node.follow(recording, learningRate));
    if (changes.length > 0 && recording.hasReadComputed)
      throw new Departure('JavaScript computes with a number that changed');
    return changes;
  }

  /**
   * Runs from inputs to the end of a path; undefined where that was never recorded. New tensors belong to the caller's
   * scope.
   */
  run(environment: Environment, { log, learningRate }: Surroundings): L | undefined {
    let fork: Fork<L> | undefined = this.#start;
    while (fork !== undefined) {
      const start = log.position;
      const node: GraphNode<L> | undefined = fork.find((each) => {
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
