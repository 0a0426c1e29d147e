import * as tf from '@tensorflow/tfjs-core';
import { isTensor } from './tensors.js';
import { FlatminError, show } from '../errors/errors.js';
import { mean } from './weightVector.js';

/** A tree of tensors, arrays, records and integers: what the state of a variant is made of. */
export type StateTree = unknown;

/** Levels of a state beyond which it is taken for one that holds itself. */
export const maximumDepth = 64;

/** True for `{ ... }` and what JSON gives: not for Maps, dates and other instances, of which a copy has nothing. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What no state can hold, and where; undefined where there is nothing of it. */
export function stateFault(tree: StateTree, path = 'state', depth = 0): string | undefined {
  if (tree === undefined || tree === null || (typeof tree === 'number' && Number.isInteger(tree))) return undefined;
  if (isTensor(tree)) return tree.isDisposed ? `holds a disposed tensor at ${path}` : undefined;
  if (depth > maximumDepth)
    return `is nested more than ${maximumDepth} levels deep, or contains itself, at ${path.slice(0, 60)}...`;
  if (Array.isArray(tree)) return firstFault(tree.entries(), path, depth);
  if (isRecord(tree)) return firstFault(Object.entries(tree), path, depth);
  return `holds ${show(tree)} at ${path}`;
}

function firstFault(items: Iterable<readonly [string | number, unknown]>, path: string, depth: number) {
  for (const [key, item] of items) {
    const fault = stateFault(item, `${path}/${key}`, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What a state is made of, for messages. */
export const stateRule = 'State is a tree of tensors, arrays, records and integers; keep a real number as a tf.scalar.';

/** Every tensor of a tree once, in order. */
export function tensorsOf(tree: StateTree, found: Set<tf.Tensor> = new Set()): Set<tf.Tensor> {
  const seen = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    if (isTensor(node)) found.add(node);
    else for (const item of Array.isArray(node) ? node : Object.values(node)) visit(item);
  };
  visit(tree);
  return found;
}

/** The tree with other tensors in place of its own; the same for the same. */
export function mapTensors<T extends StateTree>(tree: T, other: (tensor: tf.Tensor) => tf.Tensor): T {
  if (isTensor(tree)) return other(tree) as unknown as T;
  if (Array.isArray(tree)) return tree.map((item: StateTree) => mapTensors(item, other)) as unknown as T;
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, item]) => [key, mapTensors(item as StateTree, other)]),
  ) as T;
}

/**
 * The mean of trees of one shape with these weights: tensors are averaged, what is not a tensor is the first tree's.
 */
export function meanState<T extends StateTree>(trees: readonly T[], weights: readonly (number | tf.Scalar)[]): T {
  const [first] = trees as readonly [T];
  if (isTensor(first)) {
    const tensors = trees as unknown as readonly tf.Tensor[];
    // What no part has changed stays what it is, to the bit.
    const same = tensors.every((tensor) => tensor === first);
    return same
      ? first
      : (mean(
          tensors.map((tensor) => [tensor]),
          weights,
        )[0] as unknown as T);
  }
  if (typeof first !== 'object' || first === null) return first;
  const child = (key: string): unknown =>
    meanState(
      trees.map((tree) => (tree as Record<string, unknown>)[key]),
      weights,
    );
  if (Array.isArray(first)) return first.map((_, i) => child(String(i))) as unknown as T;
  return Object.fromEntries(Object.keys(first).map((key) => [key, child(key)])) as T;
}

/**
 * True where a tree holds a list of `count` tensors, as one per variable: such a state fits no other number of
 * variables.
 */
export function holdsPerVariable(tree: StateTree, count: number): boolean {
  if (isTensor(tree) || typeof tree !== 'object' || tree === null) return false;
  if (Array.isArray(tree) && tree.length === count && tree.some(isTensor)) return true;
  return Object.values(tree).some((item) => holdsPerVariable(item, count));
}

/** A tree written as JSON, its tensors replaced by their names. */
type Encoded =
  | { readonly tensor: string }
  | { readonly vector: string }
  | { readonly integer: number }
  | { readonly list: readonly Encoded[] }
  | { readonly record: Readonly<Record<string, Encoded>> }
  | { readonly none: true };

/** As `getWeights` of an optimizer gives them. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: tf.Tensor;
}

/** How the tensors of a weight vector are named after their variables, and found again by them. */
export interface VectorNames {
  readonly names: readonly string[];
  readonly shapes: readonly (readonly number[])[];
}

function isVector(tree: readonly unknown[], { shapes }: VectorNames): boolean {
  return (
    tree.length === shapes.length &&
    tree.every((item, i) => isTensor(item) && tf.util.arraysEqual(item.shape, [...(shapes[i] as number[])]))
  );
}

/**
 * Writes a state as JSON and a list of named tensors; weight vectors are named by variable, so that order may change.
 */
export function encodeState(tree: StateTree, path: string, variables: VectorNames, out: NamedTensor[]): Encoded {
  if (tree === undefined || tree === null) return { none: true };
  if (typeof tree === 'number' && Number.isInteger(tree)) return { integer: tree };
  if (isTensor(tree)) {
    out.push({ name: path, tensor: tree });
    return { tensor: path };
  }
  if (Array.isArray(tree)) {
    if (tree.length > 0 && isVector(tree, variables)) {
      tree.forEach((tensor: tf.Tensor, i) => out.push({ name: `${path}/${variables.names[i]}`, tensor }));
      return { vector: path };
    }
    return { list: tree.map((item, i) => encodeState(item, `${path}/${i}`, variables, out)) };
  }
  if (typeof tree === 'object') {
    const entries = Object.entries(tree).map(([key, item]) => [
      key,
      encodeState(item, `${path}/${key}`, variables, out),
    ]);
    return { record: Object.fromEntries(entries) as Record<string, Encoded> };
  }
  throw new FlatminError('STATE_INVALID', `the state of the variant holds ${show(tree)} at ${path}. ${stateRule}`);
}

/** The tree that {@link encodeState} wrote; each tensor is asked for by name, and belongs to the tree. */
export function decodeState(
  encoded: unknown,
  variables: readonly string[],
  take: (name: string) => tf.Tensor,
): StateTree {
  const node = encoded as Partial<Record<string, unknown>>;
  if (typeof node.tensor === 'string') return take(node.tensor);
  if (typeof node.vector === 'string') return variables.map((name) => take(`${node.vector as string}/${name}`));
  if (typeof node.integer === 'number') return node.integer;
  if (Array.isArray(node.list)) return node.list.map((item) => decodeState(item, variables, take));
  if (typeof node.record === 'object' && node.record !== null) {
    return Object.fromEntries(
      Object.entries(node.record).map(([key, item]) => [key, decodeState(item, variables, take)]),
    );
  }
  return undefined;
}
