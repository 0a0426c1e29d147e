import { isFlatminError } from '@flatmin/core';
import { checkedDataSet } from '../tasks/checkedDataSet.js';
import { checkedOptions, type TrainOptions, type TrainResult } from './options.js';
import type { EndEvent } from './callbacks.js';
import { TrainingRun } from './trainingRun.js';

/**
 * Trains a model on the task of its data set: classes and tokens by softmax cross-entropy, numbers by squared error.
 *
 * Each epoch goes once over the training part in an order that only `seed` and the epoch decide; before each step the
 * learning rate of the schedule is set on the optimizer. Every `logEvery` steps the losses are read back together; a
 * loss that is not finite ends the run. At the end of an epoch come the evaluation and a checkpoint.
 *
 * Cost beside the optimizer's steps: one step and a few forward passes for the dry run, the evaluations' forward
 * passes, one read-back every `logEvery` steps, and the memory of one more copy of the weights and the optimizer's
 * state (the last good checkpoint), and of the best weights under early stopping.
 *
 * @throws FlatminError SPEC_INVALID for options out of range, all at once; NON_FINITE when a loss or a weight is no
 *   longer finite: model and optimizer are then back at the last good checkpoint; STATE_MISMATCH when `resume` is of
 *   another run; DATA_INVALID when the data set gives what it should not: other shapes, classes out of range, another
 *   number of examples; RUN_INVALID when the dry run fails, or a checkpoint cannot be saved.
 * @example
 * ```ts
 * const settings = { epochs: 20, batchSize: 64, learningRate: { schedule: 'cosine' } } as const;
 * const { history } = await train({ dataset, model, optimizer, ...settings });
 * console.log(history.at(-1)?.test?.accuracy);
 * ```
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const run = new TrainingRun({ ...checkedOptions(options), dataset: checkedDataSet(options.dataset) });
  try {
    await run.prepare();
    const { totalSteps, stepsPerEpoch } = run;
    let how: EndEvent['how'] = 'failed';
    try {
      await run.announce('onStart', { totalSteps, stepsPerEpoch, epochs: options.epochs });
      while (!run.isOver) await run.trainEpoch();
      const result = await run.finish();
      how = result.stopped ? 'stopped' : 'finished';
      return result;
    } catch (error) {
      if (isFlatminError(error) && error.code === 'NON_FINITE') how = 'diverged';
      throw error;
    } finally {
      await run.announce('onEnd', { how });
    }
  } finally {
    run.dispose();
  }
}

/**
 * All that {@link train} does before its first step, and nothing else: checks the options, takes a step on the first
 * batch, evaluates the first batch of each part that is judged, and puts everything back. What does not fit shows now.
 *
 * Reads the first batches alone, whatever the size of the data.
 *
 * @throws FlatminError SPEC_INVALID, RUN_INVALID, DATA_INVALID, or what the step throws, as `train` would.
 */
export async function rehearse(options: Omit<TrainOptions, 'callbacks' | 'checkpoints' | 'resume'>): Promise<void> {
  const run = new TrainingRun({ ...checkedOptions(options), dataset: checkedDataSet(options.dataset) });
  try {
    await run.rehearse();
  } finally {
    run.dispose();
  }
}
