import {
  type FlatminContainer,
  isFlatminError,
  type OptimizerContext,
  type Problem,
  type SharpnessAwareOptimizer,
} from '@flatmin/core';
import { ProblemList } from '@flatmin/core/internal';
import type { DataSet, Model } from '@flatmin/core/plugin';
import { problemsOfRun } from '@flatmin/training';
import type * as tf from '@tensorflow/tfjs-core';
import type { Experiment } from './experiment.js';
import { modelOf } from './dataAndModel.js';
import { type HeldOutLoss, heldOutLoss } from './heldOutLoss.js';

/** What a run works with. */
export interface Prepared {
  readonly dataset: DataSet;
  readonly model: Model<tf.Tensor>;
  readonly optimizer: SharpnessAwareOptimizer;
  /** Not loaded. */
  readonly validationLoss?: HeldOutLoss | undefined;
  dispose(): void;
}

/** What a run works with but for its optimizer, and what that is told. */
export interface PreparedParts {
  readonly dataset: DataSet;
  /** Absent where it could not be made, which has been noted. */
  readonly model?: Model<tf.Tensor> | undefined;
  readonly validationLoss?: HeldOutLoss | undefined;
  readonly context: OptimizerContext;
  dispose(): void;
}

/**
 * Builds all that a run works with: the one way from specs to a run, for the run and for whatever checks it before.
 * Opens the data, builds the model for its shape and the optimizer for the number of steps; reads what the data set
 * reads to know its sizes.
 *
 * @param what names the run in the error: the file that it is from.
 * @throws FlatminError with every problem found, by its path in the config: SPEC_INVALID, or the code of the only one.
 */
export async function prepare(
  experiment: Experiment,
  container: FlatminContainer,
  what = 'the run',
): Promise<Prepared> {
  const problems = new ProblemList();
  const dataset = await openData(experiment, container, problems);
  if (dataset === undefined) return problems.throwAll(what) as never;
  const parts = await prepareParts(experiment, dataset, container, problems);
  try {
    problems.addAll(problemsOfOptimizer(experiment, parts, container), 'optimizer');
    problems.throwAll(what);
    const optimizer = container.createOptimizer(experiment.optimizer, parts.context);
    const dispose = (): void => {
      parts.dispose();
      optimizer.dispose();
    };
    return { ...parts, model: parts.model as Model<tf.Tensor>, optimizer, dispose };
  } catch (error) {
    parts.dispose();
    throw error;
  }
}

/** The data set of a run; undefined, and its problems noted, where it cannot be opened. */
export function openData(
  { dataset }: Pick<Experiment, 'dataset'>,
  container: FlatminContainer,
  problems: ProblemList,
): Promise<DataSet | undefined> {
  return attempt(problems, 'dataset', () => container.createDataSet(dataset));
}

/** All but the optimizer; what is wrong with it is noted. */
export async function prepareParts(
  experiment: Experiment,
  dataset: DataSet,
  container: FlatminContainer,
  problems: ProblemList,
): Promise<PreparedParts> {
  const model = await attempt(problems, 'model', () => modelOf(experiment, dataset, container));
  try {
    problems.addAll(problemsOfRun(experiment, { dataset, model }), '');
    const { validationBatchSize: batchSize, seed } = experiment;
    const validationLoss = model && heldOutLoss(dataset, model, { batchSize, seed });
    const dispose = (): void => {
      model?.dispose();
      validationLoss?.dispose?.();
    };
    const context = {
      totalSteps: experiment.epochs * Math.ceil(dataset.train.size / experiment.batchSize),
      // Without a model there is none yet, which says nothing about the data.
      validationLoss: validationLoss ?? (dataset.validation.size > 0 ? noLossYet : undefined),
      complete: true,
      ...(model?.roles && { parameters: model.roles }),
    };
    return { dataset, model, validationLoss, context, dispose };
  } catch (error) {
    model?.dispose();
    throw error;
  }
}

/** What is wrong with an optimizer spec for data, model and length of its run. */
export function problemsOfOptimizer(
  { optimizer }: Pick<Experiment, 'optimizer'>,
  { dataset, context }: PreparedParts,
  container: FlatminContainer,
): readonly Problem[] {
  return container.problems('optimizer', optimizer, context).map((problem) => ofData(problem, dataset));
}

const noLossYet = (): never => {
  throw new Error('the loss of a check was evaluated');
};

/** What is made, or undefined and its error noted under a field of the config. */
async function attempt<T>(
  problems: ProblemList,
  field: 'dataset' | 'model',
  make: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    if (!isFlatminError(error)) throw error;
    if (error.problems.length > 0) problems.addAll(error.problems, field);
    else problems.addNamed(error, field, undefined);
    return undefined;
  }
}

/** What lacks held-out data gets it from the data set here, which the remedy of a plugin cannot know. */
function ofData(problem: Problem, { id }: DataSet): Problem {
  if (problem.code !== 'VALIDATION_LOSS_MISSING') return problem;
  const message =
    `the optimizer learns on held-out data, and ${id} has none: its validation part is empty. Hold some out with an option of the ` +
    'data set, such as "validation": 0.1.';
  return { ...problem, message };
}
