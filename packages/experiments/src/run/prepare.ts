import { type FlatminContainer, isFlatminError, type Problem, type SharpnessAwareOptimizer } from '@flatmin/core';
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
  const made: { dispose(): void }[] = [];
  const dispose = (): void => made.forEach((each) => each.dispose());
  try {
    const dataset = await attempt(problems, 'dataset', () => container.createDataSet(experiment.dataset));
    if (dataset === undefined) return problems.throwAll(what) as never;
    const model = await attempt(problems, 'model', () => modelOf(experiment, dataset, container));
    if (model !== undefined) made.push(model);
    problems.addAll(problemsOfRun(experiment, { dataset, model }), '');
    const { validationBatchSize: batchSize, seed } = experiment;
    const validationLoss = model && heldOutLoss(dataset, model, { batchSize, seed });
    if (validationLoss !== undefined) made.push(validationLoss);
    const context = {
      totalSteps: experiment.epochs * Math.ceil(dataset.train.size / experiment.batchSize),
      // Without a model there is none yet, which says nothing about the data.
      validationLoss: validationLoss ?? (dataset.validation.size > 0 ? noLossYet : undefined),
      complete: true,
      ...(model?.roles && { parameters: model.roles }),
    };
    const wrong = container.problems('optimizer', experiment.optimizer, context);
    problems.addAll(
      wrong.map((problem) => ofData(problem, dataset)),
      'optimizer',
    );
    problems.throwAll(what);
    const optimizer = container.createOptimizer(experiment.optimizer, context);
    made.push(optimizer);
    return { dataset, model: model as Model<tf.Tensor>, optimizer, validationLoss, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
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
    `the optimizer learns on held-out data, and ${id} holds none out: its validation part is empty. Hold some out by an option of the ` +
    'data set, such as "validation": 0.1.';
  return { ...problem, message };
}
