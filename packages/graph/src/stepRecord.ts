import { FirstOfItsKind, FlatminError, sharing, type StepPosition, type StepResult, tensorsOf } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { EdgeOf } from './recording.js';
import { edgesOfState, type StateTemplate, stateTemplate } from './stateTemplate.js';
import type { SupplyLog } from './supplyLog.js';

/** What a step works on. */
export interface StepInput {
  readonly position: StepPosition;
  readonly batch: readonly tf.Tensor[];
  readonly log: SupplyLog;
}

/** What a path of the graph leaves, by edges. */
export interface Leaf {
  readonly loss: string;
  readonly moved: readonly (readonly [tf.Variable, string])[];
  readonly state: StateTemplate;
  readonly figures: StepResult['figures'];
  readonly packed: string;
}

/** A recorded step: what it leaves, and the tensors in which it left that. */
export interface Described {
  readonly leaf: Leaf;
  readonly outputs: readonly string[];
  /** What they are, by edge, for the check; kept. */
  readonly values: ReadonlyMap<string, tf.Tensor>;
}

/** Every tensor that a step may start from, by the name of its edge. */
export function namedInputs(
  { position, batch }: Omit<StepInput, 'log'>,
  variables: readonly tf.Variable[],
): Map<string, tf.Tensor> {
  const named = (name: string, tensors: Iterable<tf.Tensor>): [string, tf.Tensor][] =>
    [...tensors].map((tensor, i) => [`${name}${i}`, tensor]);
  return new Map([
    ...named('batch', batch),
    ...named('state', tensorsOf(position.state)),
    ...named('variable', variables),
  ]);
}

/** What a step left, by the edges of the recording. */
export function describe(
  { loss, state, figures }: StepResult,
  before: unknown,
  variables: readonly tf.Variable[],
  edgeOf: EdgeOf,
): Described {
  if (Object.keys(tf.engine().registeredVariables).length !== variables.length) {
    throw new FirstOfItsKind();
  }
  const moved = variables
    .map((variable, i) => [variable, edgeOf(variable), `variable${i}`] as const)
    .filter(([, edge, own]) => edge !== own)
    .map(([variable, edge]) => [variable, edge] as const);
  const leaf = {
    loss: edgeOf(loss),
    moved,
    state: stateTemplate(state, before, edgeOf),
    figures,
    packed: edgeOf(figures.packed),
  };
  const tensors = [loss, ...moved.map(([variable]) => variable)];
  const values = new Map(tensors.map((tensor) => [edgeOf(tensor), tf.keep(sharing(tensor))]));
  return { leaf, outputs: [...values.keys(), leaf.packed, ...edgesOfState(state, edgeOf)], values };
}

/** Gives variables that share their data, as after `a.assign(b)`, data of their own: in a graph they are different inputs. */
export function separate(variables: readonly tf.Variable[]): void {
  const seen = new Set<tf.Variable['dataId']>();
  for (const variable of variables) {
    if (seen.has(variable.dataId)) variable.assign(tf.tensor(variable.dataSync(), variable.shape, variable.dtype));
    seen.add(variable.dataId);
  }
}

/** The refusal of a step whose figures are not those of the step recorded before. */
export function changedFigures(first: Described, second: Described): FlatminError {
  return new FlatminError(
    'CAPTURE_REFUSED',
    `the step reports other figures each time (${first.leaf.figures.kind} and ${second.leaf.figures.kind}). Report what changes ` +
      'as a tf.Scalar.',
  );
}
