import type { FlatminContainer } from '@flatmin/core';
import type { Checkpoint } from '@flatmin/training';
import type { RunConfig } from '../config/runConfig.js';

/** Schedules of the learning rate that the length of the run is in. */
const stretched: readonly unknown[] = ['cosine', 'linear', 'one-cycle'];

/**
 * The settings, by path, that give the steps of a longer run other numbers from the first one on: schedules over the
 * whole of the run. Where there is none, a run that is extended takes the steps of one that had all its epochs from the
 * start, bit for bit.
 */
export function dependsOnLength(
  { learningRate, optimizer }: Pick<RunConfig, 'learningRate' | 'optimizer'>,
  container: FlatminContainer,
): readonly string[] {
  const isStretched = typeof learningRate === 'object' && stretched.includes(learningRate.schedule);
  // What needs the number of steps is refused without it.
  const context = { validationLoss: noLoss, complete: true };
  const lacking = container.problems('optimizer', optimizer, context).map(({ path }) => `optimizer.${path}`);
  return [...(isStretched ? ['learningRate'] : []), ...new Set(lacking)];
}

const noLoss = (): never => {
  throw new Error('the loss of a check was evaluated');
};

/** A checkpoint, to be gone on with for more epochs than its run was to have. */
export function lengthened(checkpoint: Checkpoint, epochs: number): Checkpoint {
  const { run } = checkpoint;
  return { ...checkpoint, run: { ...run, identity: { ...run.identity, epochs: `${epochs}` } } };
}

/** The epochs that the run of a checkpoint was to have. */
export function epochsOf({ run }: Checkpoint): number {
  return Number(run.identity['epochs']);
}
