import { FlatminError } from '@flatmin/core';
import { FirstOfItsKind, alias, type StepPosition, type StepResult, tensorsOf } from '@flatmin/core/internal';
import * as tf from '@tensorflow/tfjs-core';
import type { EdgeOf } from '../record/recording.js';
import { type StateTemplate, stateTemplate } from './stateTemplate.js';
import type { SupplyLog } from '../record/supplyLog.js';

/** What a step works on. */
export interface StepInput {
  readonly position: StepPosition;
  readonly batch: readonly tf.Tensor[];
  readonly log: SupplyLog;
  /** How often checks were asked for until now. */
  readonly round: number;
}

/** What a path of the graph leaves, by edges. */
export interface Leaf {
  readonly loss: string;
  readonly moved: readonly (readonly [tf.Variable, string])[];
  readonly state: StateTemplate;
  readonly metrics: StepResult['metrics'];
  readonly packed: string;
}

/** A recorded step: what it leaves, and the tensors in which it left that. */
export interface Described {
  readonly leaf: Leaf;
  readonly outputs: readonly string[];
  /** What they are, by edge, for the check; kept where that was asked for. */
  readonly values: ReadonlyMap<string, tf.Tensor>;
}

/** Variables by their edges. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/** Names for variables, which stay theirs: others come and go meanwhile. */
export class VariableNames {
  readonly #names = new WeakMap<tf.Variable, string>();
  #count = 0;

  /** All variables that there are. */
  now(): NamedVariables {
    return new Map(Object.values(tf.engine().registeredVariables).map((variable) => [this.#of(variable), variable]));
  }

  #of(variable: tf.Variable): string {
    const name = this.#names.get(variable) ?? `variable${this.#count++}`;
    this.#names.set(variable, name);
    return name;
  }
}

/** Every tensor that a step may start from, by the name of its edge. */
export function namedInputs(
  { position, batch }: Pick<StepInput, 'position' | 'batch'>,
  variables: NamedVariables,
): Map<string, tf.Tensor> {
  const named = (name: string, tensors: Iterable<tf.Tensor>): [string, tf.Tensor][] =>
    [...tensors].map((tensor, i) => [`${name}${i}`, tensor]);
  return new Map([...named('batch', batch), ...named('state', tensorsOf(position.state)), ...variables]);
}

/** What a step left, by the edges of the recording; `keeps` its tensors. */
export function describe(
  { loss, state, metrics }: StepResult,
  before: unknown,
  variables: NamedVariables,
  edgeOf: EdgeOf,
  keeps: boolean,
): Described {
  if (Object.keys(tf.engine().registeredVariables).length !== variables.size) throw new FirstOfItsKind();
  const moved = [...variables].flatMap(([own, variable]) => {
    const edge = edgeOf(variable);
    return edge === own ? [] : [[variable, edge] as const];
  });
  const leaf = {
    loss: edgeOf(loss),
    moved,
    state: stateTemplate(state, before, edgeOf),
    metrics,
    packed: edgeOf(metrics.packed),
  };
  const tensors = [loss, ...moved.map(([variable]) => variable), ...tensorsOf(state)];
  const edges = new Map(tensors.map((tensor) => [edgeOf(tensor), tensor]));
  const values = new Map(keeps ? [...edges].map(([edge, tensor]) => [edge, tf.keep(alias(tensor))]) : []);
  return { leaf, outputs: [...edges.keys(), leaf.packed], values };
}

/**
 * What two recordings of steps from one state agree on, beside their ops: what is left where, and by how much integers
 * move.
 */
export function signatureOf({ leaf, outputs }: Omit<Described, 'values'>, state: unknown): string {
  const moved = leaf.moved.map(([{ id }, edge]) => [id, edge]);
  const left = leaf.state(state, (edge) => edge as unknown as tf.Tensor);
  return JSON.stringify([leaf.loss, moved, left, leaf.metrics.kind, leaf.packed, outputs]);
}

/**
 * Gives variables that share their data, as after `a.assign(b)`, data of their own: in a graph they are different
 * inputs.
 */
export function separate(variables: readonly tf.Variable[]): void {
  const seen = new Set<tf.Variable['dataId']>();
  for (const variable of variables) {
    if (seen.has(variable.dataId)) variable.assign(tf.tensor(variable.dataSync(), variable.shape, variable.dtype));
    seen.add(variable.dataId);
  }
}

/** The refusal of a step whose metrics are not those of the step recorded before. */
export function changedMetrics(first: Pick<Described, 'leaf'>, second: Pick<Described, 'leaf'>): FlatminError {
  return new FlatminError(
    'CAPTURE_REFUSED',
    `the step reports other metrics each time (${first.leaf.metrics.kind} and ${second.leaf.metrics.kind}). Report what changes ` +
      'as a tf.Scalar.',
  );
}
