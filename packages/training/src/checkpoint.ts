import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LoopOptimizer, NamedTensor } from './optimizer.js';
import type { AnyModel } from './tasks/methods.js';

export interface Position {
  /** Epochs done. */
  readonly epoch: number;
  readonly steps: number;
  readonly seed: number;
}

/** A run as it stood at the end of an epoch: enough to go on from there. Whoever holds it disposes it. */
export interface Checkpoint extends Position {
  readonly model: readonly NamedTensor[];
  readonly optimizer: readonly NamedTensor[];
}

/** Where a run leaves its checkpoints. */
export interface CheckpointStore {
  /** Where the latest one is, for messages: a path, a database. */
  readonly place: string;
  /** The checkpoint is the run's: its tensors live until the promise settles. */
  save(checkpoint: Checkpoint): Promise<void>;
}

/** Copies the model's variables and the optimizer's state. The copies share memory with the originals until those change. */
export async function takeCheckpoint(
  model: AnyModel,
  optimizer: LoopOptimizer,
  position: Position,
): Promise<Checkpoint> {
  const weights = await optimizer.getWeights();
  const copy = ({ name, tensor }: NamedTensor): NamedTensor => ({ name, tensor: tensor.clone() });
  return {
    ...position,
    model: model.variables.map((variable) => copy({ name: variable.name, tensor: variable })),
    optimizer: weights.map(copy),
  };
}

/**
 * Puts a model and an optimizer in the state of a checkpoint. Variables are matched by position, as two models in one
 * process cannot have the same names; their shapes must agree.
 */
export async function restoreCheckpoint(
  checkpoint: Checkpoint,
  model: AnyModel,
  optimizer: LoopOptimizer,
): Promise<void> {
  const shapes = (tensors: readonly { readonly shape: readonly number[] }[]): string =>
    tensors.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');
  const saved = shapes(checkpoint.model.map(({ tensor }) => tensor));
  const present = shapes(model.variables);
  if (saved !== present) {
    throw new FlatminError(
      'STATE_MISMATCH',
      `the checkpoint is of another model: its variables have shapes ${saved}, this model's ${present}. ` +
        'Build the model with the options of the run that saved it.',
    );
  }
  model.variables.forEach((variable, i) => variable.assign((checkpoint.model[i] as NamedTensor).tensor));
  await optimizer.setWeights(checkpoint.optimizer.map(({ name, tensor }) => ({ name, tensor })));
}

export function disposeCheckpoint(checkpoint: Checkpoint | undefined): void {
  for (const { tensor } of [...(checkpoint?.model ?? []), ...(checkpoint?.optimizer ?? [])]) tensor.dispose();
}

/** True when every number of the checkpoint is finite; one read-back. */
export async function isFiniteCheckpoint(checkpoint: Checkpoint): Promise<boolean> {
  const floats = [...checkpoint.model, ...checkpoint.optimizer]
    .map(({ tensor }) => tensor)
    .filter((tensor) => tensor.dtype === 'float32' && tensor.size > 0);
  if (floats.length === 0) return true;
  // 0 * x is 0 for every finite x and NaN otherwise, whatever the size of the sum.
  const probe = tf.tidy(() => tf.sum(tf.stack(floats.map((tensor) => tf.sum(tf.mul(tensor, 0))))));
  const [value] = await probe.data();
  probe.dispose();
  return value === 0;
}
