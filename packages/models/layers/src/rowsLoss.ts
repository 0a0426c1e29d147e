import { type BatchAccess, FlatminError, type LossFunction } from '@flatmin/core';
import { type BatchTensors, type LossThroughBatch, type LossThroughOutputs, partSizes } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { declareAverages } from './averages.js';
import { unsmoothed } from './labelSmoothing.js';
import { isByExample, lossOfOutput, lossOfPart, type Reduction } from './outputLosses.js';
import type { LossOrMetric, TrainedModel } from './trainedModel.js';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * The rows of a batch: a tensor for each input and each output, and weights [batch] for those outputs that have them.
 */
export interface Rows {
  readonly inputs: readonly tf.Tensor[];
  readonly targets: readonly tf.Tensor[];
  readonly weights: readonly (tf.Tensor | null | undefined)[];
}

/** Rows as tensors by name: the second input is `inputs/1`. */
function namedRows(rows: Rows): BatchTensors {
  const entries = Object.entries(rows).flatMap(([kind, tensors]: [string, Rows['weights']]) =>
    tensors.flatMap((tensor, i) => (tensor ? [[`${kind}/${i}`, tensor] as const] : [])),
  );
  return Object.fromEntries(entries);
}

/** The rows that {@link namedRows} named, of the same model as these. */
function rowsByName({ inputs, targets }: Rows, named: BatchTensors): Rows {
  return {
    inputs: inputs.map((_, i) => named[`inputs/${i}`] as tf.Tensor),
    targets: targets.map((_, i) => named[`targets/${i}`] as tf.Tensor),
    weights: targets.map((_, i) => named[`weights/${i}`]),
  };
}

/** The rows of what `fit` gives to its training function. */
export function rowsOf({ inputNames, outputNames }: TrainedModel, data: readonly (tf.Tensor | null)[]): Rows {
  const [inputs, outputs] = [inputNames.length, outputNames.length];
  return {
    inputs: data.slice(0, inputs) as tf.Tensor[],
    targets: data.slice(inputs, inputs + outputs) as tf.Tensor[],
    weights: data.slice(inputs + outputs),
  };
}

/** What a forward pass of a whole batch came to. */
export interface SeenForward {
  readonly outputs: readonly tf.Tensor[];
  readonly ys: readonly tf.Tensor[];
  /** The loss of each output, before the mean. */
  readonly losses: readonly tf.Tensor[];
}

/** How the passes over some rows go. */
export interface PassOptions {
  /** Batch statistics and dropout as in training. */
  readonly training: boolean;
  /** What losses that are one number for their batch are of its examples, where that was said. */
  readonly reduction?: Reduction | undefined;
  /** Sees each pass over all rows. */
  readonly see?: ((seen: SeenForward) => void) | undefined;
  /** The examples of the batch that these rows are a part of. */
  readonly partOf?: number;
  /**
   * True where the loss of these rows is combined with those of the rest, for which it must be known what it is of its
   * examples.
   */
  readonly isCombined?: boolean;
}

function pick(rows: Rows, some: (tensor: tf.Tensor) => tf.Tensor): Rows {
  const weights = rows.weights.map((weight) => weight && some(weight));
  return { inputs: rows.inputs.map(some), targets: rows.targets.map(some), weights };
}

/** Weights [batch] on a loss [batch, ...]. */
function weighted(loss: tf.Tensor, weights: tf.Tensor | null | undefined): tf.Tensor {
  if (weights === null || weights === undefined) return loss;
  return tf.mul(loss, loss.rank > 1 ? tf.reshape(weights, [-1, ...loss.shape.slice(1).fill(1)]) : weights);
}

/** Outputs and targets of one forward pass. */
function forward(model: TrainedModel, { inputs, targets }: Rows, training: boolean) {
  const [xs, ys] = model.standardizeUserDataXY(inputs, targets, false);
  const outputs = [model.apply(xs.length === 1 ? (xs[0] as tf.Tensor) : xs, { training })].flat();
  return { outputs, ys };
}

const times = (weights: tf.Tensor | null | undefined, factors: tf.Tensor1D): tf.Tensor =>
  weights === null || weights === undefined ? factors : tf.mul(weights, factors);

const sizeOf = ({ inputs }: Rows): number => inputs[0]?.shape[0] ?? 1;

/** The outputs' losses before the mean, by the same ops in the same order as in `fit`. */
function lossesOf(
  model: TrainedModel,
  { outputs, ys }: Omit<SeenForward, 'losses'>,
  rows: Rows,
  { partOf, reduction, isCombined = false }: PassOptions,
): readonly tf.Tensor[] {
  return (model.lossFunctions as LossOrMetric[]).map((function_, i) => {
    const [name, weights] = [model.outputNames[i], rows.weights[i]];
    const loss = lossOfOutput(function_, name, ys[i] as tf.Tensor, outputs[i] as tf.Tensor);
    const isWeighted = weights !== null && weights !== undefined;
    if (partOf === undefined) return weighted(loss, weights);
    const part = { size: sizeOf(rows), of: partOf, reduction, isWeighted, isCombined };
    return weighted(lossOfPart(loss, name, part), weights);
  });
}

const total = (losses: readonly tf.Tensor[]): tf.Tensor => losses.reduce((sum, loss) => tf.add(sum, loss));

/** The losses of the outputs before the mean, of one forward pass. */
function unreduced(model: TrainedModel, rows: Rows, options: PassOptions): readonly tf.Tensor[] {
  const passed = forward(model, rows, options.training);
  const losses = lossesOf(model, passed, rows, options);
  options.see?.({ ...passed, losses });
  return losses;
}

/** A loss with the regularizers of the layers added. */
function withPenalties(model: TrainedModel, loss: tf.Scalar): tf.Scalar {
  return model.calculateLosses().reduce<tf.Scalar>((sum, penalty) => tf.add(sum, penalty), loss);
}

/** The loss by the output of a model that has one. */
function throughOutputs(model: TrainedModel, rows: Rows, options: PassOptions): LossThroughOutputs {
  if (rows.targets.length > 1) {
    throw new FlatminError(
      'BATCH_ACCESS_MISSING',
      `the model has the outputs ${model.outputNames.join(', ')}, and a loss by outputs exists only for a model with one output. ` +
        'Concatenate them in the model, or use a variant that does not need it, such as sam.',
    );
  }
  return {
    outputs: () => forward(model, rows, options.training).outputs[0] as tf.Tensor,
    loss: (outputs) => {
      const [, ys] = model.standardizeUserDataXY(rows.inputs, rows.targets, false);
      return tf.mean(total(lossesOf(model, { outputs: [outputs], ys }, rows, options)));
    },
    regularizer: () => withPenalties(model, tf.scalar(0)),
  };
}

/** [batch] from [batch, ...], or the error that says why there is none. */
function byExample(loss: tf.Tensor, size: number): tf.Tensor1D {
  if (!isByExample(loss, size)) {
    throw new FlatminError(
      'BATCH_ACCESS_MISSING',
      `the loss of the model has shape [${loss.shape.join(', ')}] for a batch of ${size} examples, so there is no loss per example. ` +
        "Use a loss that keeps the batch axis: a name such as 'categoricalCrossentropy', or a function (yTrue, yPred) => [batch].",
    );
  }
  return (loss.rank === 1 ? loss : tf.mean(tf.reshape(loss, [size, -1]), 1)) as tf.Tensor1D;
}

/** The sum over the outputs for each example. */
function examplesOf(losses: readonly tf.Tensor[], size: number): tf.Tensor1D {
  return total(losses.map((loss) => byExample(loss, size))) as tf.Tensor1D;
}

/**
 * The loss of a compiled model on some rows, with every access to its batch; `labels` where its targets are classes.
 */
export type LossOfModel = LossFunction & Required<Omit<BatchAccess, 'labels'>> & Pick<BatchAccess, 'labels'>;

/** The classes of the rows, of a model with one output and a loss of classes that is known by its name. */
function labelsOf(model: TrainedModel, { targets }: Rows): (() => tf.Tensor1D) | undefined {
  const [target] = targets;
  const loss = unsmoothed(model.loss);
  if (target === undefined || targets.length > 1) return undefined;
  if (loss === 'categoricalCrossentropy') return () => tf.argMax(target, 1);
  const isIndex =
    loss === 'sparseCategoricalCrossentropy' || (loss === 'binaryCrossentropy' && target.size === target.shape[0]);
  return isIndex ? () => tf.cast(tf.reshape(target, [-1]), 'int32') : undefined;
}

/** The loss of a compiled model on some rows, with batch access. */
export function lossOfRows(model: TrainedModel, rows: Rows, options: PassOptions): LossOfModel {
  const size = sizeOf(rows);
  const labels = labelsOf(model, rows);
  let { isCombined = false } = options;
  const mean = (show?: (losses: readonly tf.Tensor[]) => void): tf.Scalar => {
    const losses = unreduced(model, rows, { ...options, isCombined });
    show?.(losses);
    return withPenalties(model, tf.mean(total(losses)));
  };
  const part = (some: (tensor: tf.Tensor) => tf.Tensor): LossFunction => {
    const { training, reduction, partOf = size } = options;
    return lossOfRows(model, pick(rows, some), { training, reduction, partOf });
  };
  return Object.assign(() => mean(), {
    size,
    weight: () => {
      isCombined = true;
      return size;
    },
    observed: (show: (perExample: tf.Tensor1D) => void) => mean((losses) => show(examplesOf(losses, size))),
    perExample: () => examplesOf(unreduced(model, rows, { ...options, see: undefined }), size),
    ...(labels && { labels }),
    weighted: (factors: tf.Tensor1D): LossFunction => {
      const { training, reduction, partOf = size } = options;
      const weights = rows.targets.map((_, i) => times(rows.weights[i], factors));
      return lossOfRows(model, { ...rows, weights }, { training, reduction, partOf, isCombined: true });
    },
    subset: (indices: tf.Tensor1D | readonly number[]): LossFunction => {
      const chosen = Array.isArray(indices)
        ? tf.tensor1d([...(indices as readonly number[])], 'int32')
        : (indices as tf.Tensor1D);
      return part((tensor) => tf.gather(tensor, chosen));
    },
    throughOutputs: () => throughOutputs(model, rows, options),
    throughBatch: (): LossThroughBatch => ({
      batch: namedRows(rows),
      loss: (batch) => {
        const { training, reduction } = options;
        return lossOfRows(model, rowsByName(rows, batch), { training, reduction, isCombined });
      },
    }),
    split: (parts: number): readonly LossFunction[] => {
      declareAverages(model as unknown as LayersModel);
      return partSizes(size, parts).map(({ start, length }) => part((tensor) => tf.slice(tensor, start, length)));
    },
  });
}
