import { alias } from '@flatmin/core/internal';
import * as tf from '@tensorflow/tfjs-core';
import { type RateEdges, sameConstant } from '../record/comparison.js';
import { Departure } from '../record/departure.js';
import { type Environment, LoadedGraph } from '../savedModel/loadedGraph.js';
import type { Constant, EdgeType, RecordedSegment, Recording } from '../record/recorder.js';
import { expanded, Script } from '../record/script.js';
import { simplify } from '../savedModel/simplify.js';
import type { SupplyLog } from '../record/supplyLog.js';

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
class Node<L> {
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
  readonly #paths = new Map<L, { readonly nodes: readonly Node<L>[]; readonly script: Script }>();

  /** Adds the path that a recording went. Its beginning is the same as that of the others, as far as they read the same. */
  add(take: Take, outputs: readonly string[], leaf: L): void {
    const { segments, edges } = take.recording;
    const wanted = wantedOf(take.recording, outputs);
    let fork = this.#start;
    const nodes: Node<L>[] = [];
    segments.forEach((segment, i) => {
      let node = fork.find((other) => other.isLike(segment, edges));
      if (node === undefined) fork.push((node = new Node<L>(segment, take)));
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
   * Whether a step goes this path for sure: it is supplied with tensors of its shapes, and reads nothing back on its way, by which it
   * could go another.
   */
  isSure(leaf: L, log: SupplyLog): boolean {
    const { nodes } = this.#paths.get(leaf) as { readonly nodes: readonly Node<L>[] };
    log.rewind();
    return nodes.length === 1 && (nodes[0] as Node<L>).supply(new Map(), log);
  }

  /** Takes over the constants of a path as the code has them now. */
  follow(leaf: L, recording: Recording, learningRate: number): Change[] {
    const { nodes } = this.#paths.get(leaf) as { readonly nodes: readonly Node<L>[] };
    const changes = nodes.flatMap((node) => node.follow(recording, learningRate));
    if (changes.length > 0 && recording.hasReadComputed)
      throw new Departure('JavaScript computes with a number that changed');
    return changes;
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
