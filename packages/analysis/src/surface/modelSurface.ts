import { FlatminError, lossOfOutputs } from '@flatmin/core';
import { type DataSet, type Model, taskOf } from '@flatmin/core/plugin';
import { methodsOf } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { checkedOptions } from '../options/checkedOptions.js';
import { surfaceOfBatches } from './createSurface.js';
import type { LossSurface } from './lossSurface.js';
import { normalizedLogits } from './normalizedLogits.js';
import type { BatchLoss } from './passes.js';
import { type Rows, subsetOf } from './subset.js';

const modelSurfaceSchema = z.strictObject({
  part: z.enum(['train', 'validation', 'test']).default('train').describe('part of the data'),
  examples: z.int().min(1).default(1024).describe('examples, drawn without replacement; all if the part has no more'),
  batchSize: z.int().min(1).default(256).describe('examples per pass; the m of m-sharpness'),
  seed: z.int().min(0).default(0).describe('draws the examples'),
  labelSmoothing: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('the value of the run, to measure the loss that it minimized'),
  regularizer: z.boolean().default(false).describe("whether to add the model's own penalties to the loss"),
  normalizeLogits: z
    .boolean()
    .default(false)
    .describe(
      'centers the logits and divides them by their length, so that scale no longer counts (Andriushchenko et al. 2023)',
    ),
  eager: z.boolean().default(false).describe('runs operation by operation, even where passes could run as graphs'),
});

export interface ModelSurfaceOptions {
  /** Part of the data. Default train. */
  readonly part?: 'train' | 'validation' | 'test' | undefined;
  /** Examples, drawn without replacement; all if the part has no more. Default 1024. */
  readonly examples?: number | undefined;
  /** Examples per pass; the m of m-sharpness. Default 256. */
  readonly batchSize?: number | undefined;
  /** Draws the examples. Default 0. */
  readonly seed?: number | undefined;
  /** The value of the run, to measure the loss that it minimized. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Whether to add the model's own penalties to the loss. Default false. */
  readonly regularizer?: boolean | undefined;
  /**
   * Centers the logits and divides them by their length, so that scale no longer counts (Andriushchenko et al. 2023).
   * Default false.
   */
  readonly normalizeLogits?: boolean | undefined;
  /** Runs operation by operation, even where passes could run as graphs. Default false. */
  readonly eager?: boolean | undefined;
}

/**
 * The loss of a flatmin model on examples of a data set, as a function of its trainable weights, in inference mode:
 * dropout is off and statistics do not change. Without further options it is the loss that `evaluate` reports.
 *
 * The model, and the data set, stay the caller's.
 *
 * @throws FlatminError SPEC_INVALID for invalid options; DATA_INVALID if the part is empty; ANALYSIS_INVALID if logits
 *   are to be normalized and there are none; NON_FINITE, with the name of the variable, if weights are not finite.
 * @example
 * ```ts
 * const surface = await modelSurface(model, dataset, { part: 'train', examples: 512 });
 * const { eigenvalues } = await topEigenvalues(await hessian(surface), { k: 5 });
 * surface.dispose();
 * ```
 */
export async function modelSurface(
  model: Model<tf.Tensor>,
  dataset: DataSet,
  options: ModelSurfaceOptions = {},
): Promise<LossSurface> {
  const { part, batchSize, eager, ...settings } = checkedOptions(modelSurfaceSchema, options, 'modelSurface');
  if (dataset[part].size === 0) {
    throw new FlatminError(
      'DATA_INVALID',
      `the ${part} part of ${dataset.id} is empty, so no loss can be measured on it. Take another part.`,
    );
  }
  const batches = await subsetOf(dataset[part], settings, batchSize);
  try {
    return await surfaceOfBatches<Rows>((x, y) => lossOf(model, dataset, settings, x, y), batches, {
      variables: model.variables.filter(({ trainable }) => trainable),
      frozen: model.variables.filter(({ trainable }) => !trainable),
      roles: model.roles,
      eager,
      metricsOf: metricsOf(dataset),
    });
  } finally {
    tf.dispose(batches.flatMap((batch) => [...batch]));
  }
}

function lossOf(
  model: Model<tf.Tensor>,
  dataset: DataSet,
  settings: Pick<z.output<typeof modelSurfaceSchema>, 'labelSmoothing' | 'regularizer' | 'normalizeLogits'>,
  x: tf.Tensor,
  y: tf.Tensor,
): BatchLoss {
  const task = methodsOf(taskOf(dataset));
  if (settings.normalizeLogits && taskOf(dataset) === 'regression') {
    throw new FlatminError(
      'ANALYSIS_INVALID',
      `normalizeLogits is set, and ${dataset.id} is a regression, which has no logits. Leave it out.`,
    );
  }
  const ofTask = { classes: dataset.classes, labelSmoothing: settings.labelSmoothing };
  const outputs = (given: tf.Tensor, target: tf.Tensor): tf.Tensor => {
    const found = task.outputs(model, given, target, false);
    return settings.normalizeLogits ? normalizedLogits(found) : found;
  };
  const target = task.encode(y, ofTask);
  const penalty = settings.regularizer && model.regularizer ? () => model.regularizer?.() as tf.Scalar : undefined;
  const perExample = (out: tf.Tensor, at: tf.Tensor): tf.Tensor1D => task.perExample(out, at, ofTask);
  return {
    loss: lossOfOutputs(outputs, perExample, x, target, penalty, task.weight, task.labels),
    judged: () => {
      const found = outputs(x, target);
      const mean = tf.mean<tf.Scalar>(perExample(found, target));
      return [penalty === undefined ? mean : tf.add(mean, penalty()), task.sums(found, y)];
    },
  };
}

/** Metrics of all batches, as an evaluation has them; its loss is that of the surface. */
function metricsOf(dataset: DataSet): (figures: readonly ArrayLike<number>[]) => Readonly<Record<string, number>> {
  const scale = 'targetScale' in dataset ? dataset.targetScale : undefined;
  return (figures) => {
    const found = methodsOf(taskOf(dataset)).metrics(
      figures.map((each) => Array.from(each)),
      scale,
    );
    return Object.fromEntries(Object.entries(found).filter(([name]) => name !== 'loss'));
  };
}
