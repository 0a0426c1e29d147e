import { isTensor } from '@flatmin/core/internal';
import type * as tf from '@tensorflow/tfjs-core';
import type { EdgeOf } from '../record/recording.js';

/** The state that a step leaves, as a function of the one that it starts from. */
export type StateTemplate = (before: unknown, tensorAt: (edge: string) => tf.Tensor) => unknown;

const childOf = (tree: unknown, key: string): unknown =>
  typeof tree === 'object' && tree !== null ? (tree as Readonly<Record<string, unknown>>)[key] : undefined;

/** An integer moves by as much in every step of a key. */
function integerTemplate(after: number, before: unknown): StateTemplate {
  if (typeof before !== 'number') return () => after;
  const change = after - before;
  return (now) => (now as number) + change;
}

/** What a recorded step made of the state `before`: tensors by their edges, integers by how much they changed. */
export function stateTemplate(after: unknown, before: unknown, edgeOf: EdgeOf): StateTemplate {
  if (isTensor(after)) {
    const edge = edgeOf(after);
    return (_, tensorAt) => tensorAt(edge);
  }
  if (typeof after === 'number') return integerTemplate(after, before);
  if (typeof after !== 'object' || after === null) return () => after;
  const entries = Object.entries(after).map(
    ([key, item]) => [key, stateTemplate(item, childOf(before, key), edgeOf)] as const,
  );
  const isList = Array.isArray(after);
  return (now, tensorAt) => {
    const made = entries.map(([key, template]) => [key, template(childOf(now, key), tensorAt)] as const);
    return isList ? made.map(([, item]) => item) : Object.fromEntries(made);
  };
}

/** What two states have in common that a step treats alike: structure, shapes, types; not the values of integers. */
export function shapeOfState(tree: unknown): string {
  if (isTensor(tree)) return `${tree.dtype}[${tree.shape.join()}]`;
  if (typeof tree === 'number') return 'n';
  if (typeof tree !== 'object' || tree === null) return String(tree);
  const items = Object.entries(tree).map(([key, item]) => `${key}:${shapeOfState(item)}`);
  return `{${items.join()}}`;
}
