import { FlatminError } from '@flatmin/core';
import type { DataSet, Model } from '@flatmin/core/plugin';
import { assignVariables, type RunIdentity, type RunState } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';
import { dataAndModel } from './dataAndModel.js';
import { dataPrint } from './dataPrint.js';
import type { OpenedRun, WhichWeights } from './openRun.js';

/** A seed of a run with the weights that were asked for: what is evaluated, predicts and is exported. */
export interface TrainedSeed {
  readonly seed: number;
  readonly dataset: DataSet;
  readonly model: Model<tf.Tensor>;
  readonly which: WhichWeights;
  /** Steps that led to the weights. */
  readonly step: number;
  /** How the run stood at its last checkpoint. */
  readonly state: RunState;
  dispose(): void;
}

/**
 * Rebuilds data and model of a seed and gives the model the weights of its last checkpoint. What the data taught before
 * (means, scales, vocabulary) is computed again from its train part, and has to come to the same.
 *
 * @throws FlatminError STATE_MISMATCH where data or model are not those that were trained; what `run.weights` throws.
 */
export async function trainedSeed(run: OpenedRun, seed: number, asked?: WhichWeights): Promise<TrainedSeed> {
  const { which, step, state, tensors } = await run.weights(seed, asked);
  let model: Model<tf.Tensor> | undefined;
  try {
    const built = await dataAndModel({ ...run.config, seed }, run.container);
    model = built.model;
    requireSame(run.directory, state.identity, { model: model.description, data: await dataPrint(built.dataset) });
    assignVariables(model, tensors);
    return { seed, dataset: built.dataset, model, which, step, state, dispose: () => built.model.dispose() };
  } catch (error) {
    model?.dispose();
    throw error;
  } finally {
    tf.dispose(tensors.map(({ tensor }) => tensor));
  }
}

/** What a run of an earlier flatmin does not tell cannot differ. */
function requireSame(directory: string, saved: RunIdentity, present: RunIdentity): void {
  for (const [name, value] of Object.entries(present)) {
    const before = saved[name];
    if (before === undefined || before === value) continue;
    throw new FlatminError(
      'STATE_MISMATCH',
      `the ${name} is not what ${directory} was trained with: ${before} then, ${value} now. Restore what has changed, or train again.`,
    );
  }
}

/** The seed that is meant where one is needed. */
export function oneSeed(
  { directory, seeds }: Pick<OpenedRun, 'directory' | 'seeds'>,
  asked: number | undefined,
): number {
  const [only] = seeds;
  if (asked === undefined && seeds.length === 1 && only !== undefined) return only;
  if (asked !== undefined && seeds.includes(asked)) return asked;
  throw new FlatminError(
    'RUN_INVALID',
    `${directory} has the ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}${asked === undefined ? '' : ` and no ${asked}`}. ` +
      `Choose one, such as --seed ${seeds[0] ?? 0}.`,
  );
}
