import type { StepMetrics, OptimizerContext, SharpnessAwareOptimizer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { compareStep } from './compareStep.js';
import { type Deviation, isBeyond, messagesOf } from './deviation.js';
import { loadReference, type Reference } from './reference.js';
import type { ReferenceName } from './referenceNames.js';
import { ReferenceModel } from './referenceModel.js';

/** What a run needs of an optimizer: every optimizer of flatmin has it. */
export type ReferenceOptimizer = Pick<
  SharpnessAwareOptimizer,
  'minimize' | 'readLastStep' | 'learningRate' | 'dispose' | 'evaluationWeights'
>;

/**
 * Makes the optimizer of a spec, such as `createOptimizer` of flatmin or of a container: of any spec, whatever its type
 * says.
 */
export type CreateOptimizer = (spec: never, context: OptimizerContext) => ReferenceOptimizer;

/** One run, compared with its reference. */
export interface ReferenceRun {
  readonly name: string;
  readonly passed: boolean;
  /** One line per metric beyond its tolerance: which, by how much, at which step. Empty when it passed. */
  readonly messages: readonly string[];
  /** Every comparison, step by step, including those within tolerance. */
  readonly deviations: readonly Deviation[];
  /** The largest deviation of each metric. */
  readonly worst: Readonly<Record<string, number>>;
}

/**
 * Runs an optimizer over a reference's problem and compares every step. Throws only what the optimizer throws.
 *
 * @param file the name of a reference that this package ships, what {@link loadReference} gives, or a file of the same
 *   form.
 * @param createOptimizer makes the optimizer of the reference's spec; it is disposed at the end.
 * @example
 * ```ts
 * const run = await runReference('sam-sgd', createOptimizer);
 * if (!run.passed) console.error(run.messages.join('\n'));
 * ```
 */
export async function runReference(
  file: Reference | ReferenceName,
  createOptimizer: CreateOptimizer,
): Promise<ReferenceRun> {
  const reference = typeof file === 'string' ? await loadReference(file) : file;
  const model = new ReferenceModel(reference.problem);
  let step = 0;
  const context: OptimizerContext = {
    totalSteps: reference.steps.length,
    ...(reference.roles === undefined ? {} : { parameters: model.roles(reference.roles) }),
    ...(model.hasValidation ? { validationLoss: model.validationLoss(() => step) } : {}),
  };
  const deviations: Deviation[] = [];
  let optimizer: ReferenceOptimizer | undefined;
  try {
    optimizer = createOptimizer(reference.optimizer as never, context);
    for (; step < reference.steps.length; step++) {
      const rate = reference.learningRates?.[step];
      if (rate !== undefined) optimizer.learningRate = rate;
      optimizer.minimize(model.loss(step), false, [...model.variables]);
      const metrics: StepMetrics = await optimizer.readLastStep();
      const parameters = await Promise.all(model.variables.map((variable) => variable.data()));
      const evaluated = await evaluatedBy(optimizer, model);
      deviations.push(...compareStep(reference, step, metrics, { parameters, evaluated }));
    }
  } finally {
    optimizer?.dispose();
    model.dispose();
  }
  return summarize(reference.name, deviations);
}

/** The weights that an optimizer evaluates with, in the order of the model's variables; null where they train. */
async function evaluatedBy(
  optimizer: ReferenceOptimizer,
  { variables }: ReferenceModel,
): Promise<readonly ArrayLike<number>[] | null> {
  const weights = optimizer.evaluationWeights();
  if (weights === null) return null;
  try {
    return await Promise.all(variables.map(async ({ name }) => (await weights[name]?.data()) ?? []));
  } finally {
    tf.dispose(weights);
  }
}

/** The verdict over all comparisons of a run. */
export function summarize(name: string, deviations: readonly Deviation[]): ReferenceRun {
  const worst: Record<string, number> = {};
  for (const { metric, by } of deviations) worst[metric] = Math.max(worst[metric] ?? 0, by);
  return { name, passed: !deviations.some(isBeyond), messages: messagesOf(name, deviations), deviations, worst };
}
