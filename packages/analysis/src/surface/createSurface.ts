import { FlatminError, type LossFunction } from '@flatmin/core';
import type { ParameterRoles } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { BatchedSurface, type SharedBatch, weightsOf } from './batchedSurface.js';
import { layoutOf } from './layout.js';
import type { LossSurface } from './lossSurface.js';
import type { BatchLoss, BatchTensors } from './passes.js';
import { PassRunner } from './passRunner.js';

export interface LossSurfaceOptions<B extends BatchTensors> {
  /** The variables that a point is made of, in this order. */
  readonly variables: readonly tf.Variable[];
  /** Their roles by name, if the names do not show them: {@link ParameterRoles}. */
  readonly roles?: ParameterRoles | undefined;
  /**
   * Other variables that the loss uses, such as moving averages: their current values are used, and no pass changes
   * them. If the loss uses variables that are not listed, passes run operation by operation.
   */
  readonly frozen?: readonly tf.Variable[] | undefined;
  /** Means over a batch by name, such as accuracy. */
  readonly metrics?: ((...batch: B) => Readonly<Record<string, tf.Scalar>>) | undefined;
  /** Runs operation by operation, even where passes could run as graphs. Default false. */
  readonly eager?: boolean | undefined;
}

/**
 * A loss over variables as a function of their values, on which curvature, sharpness and landscapes are measured.
 *
 * It is the mean of `lossOf` over the batches, weighted by the weight or size that each loss states, otherwise equally.
 * The loss is computed as it is given: make it compute inference, because with dropout or statistics of the batch there
 * is no single function to measure. On the native backend each kind of pass becomes a graph if the loss uses only the
 * batch, the variables and the frozen ones; otherwise {@link LossSurface.eagerBecause} says why it does not.
 *
 * @param lossOf the loss of a batch, as `optimizer.minimize` takes it.
 * @param batches tensors of the batches, copied: [[]] for a loss that needs none.
 * @throws FlatminError ANALYSIS_INVALID without variables, or without batches; NON_FINITE, by the name of the variable,
 *   where weights are not finite numbers.
 * @example
 * ```ts
 * const surface = await lossSurface((x, y) => batchLoss(model, x, y, { training: false }), [[x, y]], {
 *   variables: model.trainableWeights.map((weight) => weight.read() as tf.Variable),
 * });
 * ```
 */
export async function lossSurface<B extends BatchTensors>(
  lossOf: (...batch: B) => LossFunction,
  batches: readonly Readonly<B>[],
  { metrics, ...options }: LossSurfaceOptions<B>,
): Promise<LossSurface> {
  let names: readonly string[] = [];
  const judgedBy = (loss: LossFunction, batch: B) => (): readonly [tf.Scalar, tf.Tensor1D] => {
    const found = metrics?.(...batch) ?? {};
    names = Object.keys(found);
    return [loss(), tf.stack(Object.values(found)) as tf.Tensor1D];
  };
  const metricsOf = (figures: readonly ArrayLike<number>[], shares: readonly number[]): Record<string, number> =>
    Object.fromEntries(
      names.map((name, i) => [
        name,
        figures.reduce((sum, each, b) => sum + (shares[b] as number) * (each[i] as number), 0),
      ]),
    );
  const of = (...batch: B): BatchLoss => {
    const loss = lossOf(...batch);
    return { loss, judged: metrics && judgedBy(loss, batch) };
  };
  return surfaceOfBatches(of, batches, { ...options, metricsOf });
}

interface SurfaceParts<B extends BatchTensors> extends Omit<LossSurfaceOptions<B>, 'metrics'> {
  readonly metricsOf: (
    figures: readonly ArrayLike<number>[],
    shares: readonly number[],
  ) => Readonly<Record<string, number>>;
}

export async function surfaceOfBatches<B extends BatchTensors>(
  of: (...batch: B) => BatchLoss,
  batches: readonly Readonly<B>[],
  { variables, roles, frozen = [], eager = false, metricsOf }: SurfaceParts<B>,
): Promise<LossSurface> {
  if (variables.length === 0) throw nothing('variables', 'Give the trainable ones of a model.');
  if (batches.length === 0) throw nothing('batches', 'Give at least one, [[]] for a loss that takes no data.');
  const lossOf = of as unknown as (...batch: BatchTensors) => BatchLoss;
  const subject = { variables, parameters: layoutOf(variables, roles), frozen, lossOf };
  const weights = await weightsOf(subject);
  const own = batches.map((batch) => batch.map((tensor) => tf.keep(tensor.clone())));
  try {
    const shared = await sharesOf(own, lossOf);
    return new BatchedSurface({ subject, runner: new PassRunner(subject, eager), metricsOf, weights }, shared);
  } catch (error) {
    tf.dispose(own);
    throw error;
  }
}

function nothing(what: string, remedy: string): FlatminError {
  return new FlatminError('ANALYSIS_INVALID', `a loss surface needs ${what}, and got none. ${remedy}`);
}

async function sharesOf(
  batches: readonly BatchTensors[],
  lossOf: (...batch: BatchTensors) => BatchLoss,
): Promise<readonly SharedBatch[]> {
  const sizes: { readonly weight: number; readonly size: number }[] = [];
  for (const batch of batches) {
    let size = NaN;
    // What the loss makes of its batch beforehand, such as encoded labels, ends here.
    const said = tf.tidy(() => {
      const { loss } = lossOf(...batch);
      size = loss.size ?? NaN;
      return loss.weight?.() ?? loss.size ?? 1;
    });
    const weight = typeof said === 'number' ? said : ((await said.data())[0] as number);
    tf.dispose(typeof said === 'number' ? [] : said);
    sizes.push({ weight, size });
  }
  const total = sizes.reduce((sum, { weight }) => sum + weight, 0);
  return batches.map((tensors, i) => {
    const { weight, size } = sizes[i] as (typeof sizes)[number];
    return { tensors, share: weight / total, size };
  });
}
