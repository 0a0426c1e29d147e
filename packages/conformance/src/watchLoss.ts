import type { LossFunction } from '@flatmin/core';
import { type BatchTensors, requireAccess } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** What is known of a pass when the loss is called. */
export interface Pass {
  /** True where its gradient will be taken. */
  readonly backward: boolean;
}

export interface LossWatch {
  /** Called before each pass of the loss or any part of it. */
  readonly before?: (pass: Pass) => void;
  /** Called after each, and after a throw too. */
  readonly after?: () => void;
  /** Runs what takes a batch apart, which is the loss's own work and no pass. */
  readonly access?: <T>(part: () => T) => T;
}

interface EngineState {
  readonly state: {
    readonly gradientDepth: number;
    readonly kernelDepth: number;
    readonly scopeStack: readonly { readonly name: string }[];
  };
}

/** What TF.js is doing now; its engine has no public word for it. */
export function engineState(): EngineState['state'] {
  return (tf.engine() as unknown as EngineState).state;
}

/** `loss` with a watch on it and on every part of its batch. */
export function watchLoss(loss: LossFunction, watch: LossWatch): LossFunction {
  const around = <T>(pass: () => T): T => {
    try {
      watch.before?.({ backward: engineState().gradientDepth > 0 });
      return pass();
    } finally {
      watch.after?.();
    }
  };
  const part = (of: LossFunction): LossFunction => watchLoss(of, watch);
  const access = watch.access ?? ((take) => take());
  return Object.assign((): tf.Scalar => around(loss), {
    ...(loss.size === undefined ? {} : { size: loss.size }),
    ...(loss.weight && { weight: () => access(() => loss.weight?.() as number | tf.Scalar) }),
    ...(loss.perExample && { perExample: () => around(() => requireAccess(loss, 'perExample', 'the kit')()) }),
    ...(loss.observed && {
      observed: (show: (perExample: tf.Tensor1D) => void) => around(() => loss.observed?.(show) as tf.Scalar),
    }),
    ...(loss.subset && {
      subset: (indices: tf.Tensor1D | readonly number[]) =>
        part(access(() => requireAccess(loss, 'subset', 'the kit')(indices))),
    }),
    ...(loss.throughOutputs && {
      throughOutputs: () => {
        const through = requireAccess(loss, 'throughOutputs', 'the kit')();
        return {
          outputs: () => around(() => through.outputs()),
          loss: (outputs: tf.Tensor) => access(() => through.loss(outputs)),
          ...(through.regularizer && { regularizer: () => access(() => through.regularizer?.() as tf.Scalar) }),
        };
      },
    }),
    ...(loss.throughBatch && {
      throughBatch: () => {
        const through = requireAccess(loss, 'throughBatch', 'the kit')();
        return { ...through, loss: (batch: BatchTensors) => part(access(() => through.loss(batch))) };
      },
    }),
    ...(loss.split && {
      split: (parts: number) => access(() => requireAccess(loss, 'split', 'the kit')(parts)).map(part),
    }),
  });
}
