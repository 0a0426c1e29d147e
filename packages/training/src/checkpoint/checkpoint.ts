import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { RunState } from './runState.js';
import type { AnyModel } from '../tasks/task.js';

/** A tensor and the name that a checkpoint keeps it under. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: tf.Tensor;
}

/** What a checkpoint needs of an optimizer. */
export interface SavedOptimizer {
  /** Everything that decides the next step. */
  getWeights(): Promise<NamedTensor[]>;
  setWeights(weights: NamedTensor[]): Promise<void>;
}

/** A run as it stood after a step: all that decides how it goes on. Whoever holds it disposes it. */
export interface Checkpoint {
  readonly run: RunState;
  readonly model: readonly NamedTensor[];
  readonly optimizer: readonly NamedTensor[];
  /** The best weights so far, under early stopping; else empty. */
  readonly best: readonly NamedTensor[];
  /** The model as it is evaluated, where the optimizer does not evaluate the weights that train; else absent. */
  readonly evaluated?: readonly NamedTensor[];
}

/** Where a run leaves its checkpoints. */
export interface CheckpointStore {
  /** Where they are, for messages: a path, a database. */
  readonly place: string;
  /** The checkpoint is the run's: its tensors live until the promise settles. */
  save(checkpoint: Checkpoint): Promise<void>;
}

/** Tensors of a checkpoint, by kind. */
export const tensorGroups = ['model', 'optimizer', 'best', 'evaluated'] as const;

const copy = ({ name, tensor }: NamedTensor): NamedTensor => ({ name, tensor: tensor.clone() });

/** Copies of the model's variables. They share memory with the originals until those change. */
export function copyVariables(model: Pick<AnyModel, 'variables'>): NamedTensor[] {
  return model.variables.map((variable) => copy({ name: variable.name, tensor: variable }));
}

/** Copies the model's variables, the optimizer's state, and what is judged: the best so far, and the present. */
export async function takeCheckpoint(
  model: AnyModel,
  optimizer: SavedOptimizer,
  run: RunState,
  { best, evaluated = [] }: Pick<Checkpoint, 'best' | 'evaluated'>,
): Promise<Checkpoint> {
  const weights = await optimizer.getWeights();
  return {
    run,
    model: copyVariables(model),
    optimizer: weights.map(copy),
    best: best.map(copy),
    ...(evaluated.length > 0 && { evaluated: evaluated.map(copy) }),
  };
}

/** The model of a checkpoint as it is evaluated. */
export const evaluatedModel = ({ model, evaluated }: Checkpoint): readonly NamedTensor[] => evaluated ?? model;

/**
 * Puts a model and an optimizer in the state of a checkpoint. Variables are matched by position, as two models in one
 * process cannot have the same names; their shapes must agree.
 *
 * @throws FlatminError STATE_MISMATCH where they do not; nothing has changed then.
 */
export async function restoreCheckpoint(
  checkpoint: Checkpoint,
  model: AnyModel,
  optimizer: SavedOptimizer,
): Promise<void> {
  assignVariables(model, checkpoint.model);
  await optimizer.setWeights(checkpoint.optimizer.map(({ name, tensor }) => ({ name, tensor })));
}

/** Gives the variables of a model saved values. */
export function assignVariables(model: Pick<AnyModel, 'variables'>, saved: readonly NamedTensor[]): void {
  const shapes = (tensors: readonly { readonly shape: readonly number[] }[]): string =>
    tensors.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');
  const [there, here] = [shapes(saved.map(({ tensor }) => tensor)), shapes(model.variables)];
  if (there !== here) {
    throw new FlatminError(
      'STATE_MISMATCH',
      `the checkpoint belongs to another model: its variables have shapes ${there}, those of this model ${here}. ` +
        'Build the model with the options of the run that saved it.',
    );
  }
  model.variables.forEach((variable, i) => variable.assign((saved[i] as NamedTensor).tensor));
}

export function disposeCheckpoint(checkpoint: Checkpoint | undefined): void {
  if (checkpoint === undefined) return;
  for (const group of tensorGroups) tf.dispose((checkpoint[group] ?? []).map(({ tensor }) => tensor));
}

/** True when every number of the checkpoint is finite; one read-back. */
export async function isFiniteCheckpoint(checkpoint: Checkpoint): Promise<boolean> {
  const floats = [...checkpoint.model, ...checkpoint.optimizer]
    .map(({ tensor }) => tensor)
    .filter((tensor) => tensor.dtype === 'float32' && tensor.size > 0);
  if (floats.length === 0) return true;
  // 0 * x is 0 for every finite x and NaN otherwise, whatever the size of the sum.
  // Each product goes at once: together they would be one more copy of everything.
  const zeroOf = (tensor: tf.Tensor): tf.Tensor => tf.tidy(() => tf.sum(tf.mul(tensor, 0)));
  const probe = tf.tidy(() => tf.sum(tf.stack(floats.map(zeroOf))));
  const [value] = await probe.data();
  probe.dispose();
  return value === 0;
}
