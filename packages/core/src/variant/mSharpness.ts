import * as tf from '@tensorflow/tfjs-core';
import { derivativeOf, takenBy } from './ascent.js';
import { FlatminError } from '../errors/errors.js';
import { withLossRandomOfPart } from '../loss/lossRandom.js';
import { batchParts } from '../loss/parts.js';
import { meanState } from '../tensors/stateTree.js';
import type {
  Ascent,
  Evaluate,
  PointDerivative,
  VariantMetrics,
  SharpnessVariant,
  Step,
  StepOutcome,
} from './variant.js';
import { mean, type WeightVector } from '../tensors/weightVector.js';

/** The shares of the parts, which sum to one; scalars where they depend on the data. */
type Shares = readonly (number | tf.Scalar)[];

/** The step as one part of the batch sees it. */
function stepOfPart<S>(step: Step<S>, loss: Step<S>['loss'], part: number): Step<S> {
  const inPart = <T>(pass: () => T): T => withLossRandomOfPart(part, pass);
  const evaluate: Evaluate = (at) => inPart(() => step.evaluate({ loss, ...at }));
  const evaluatePerExample: Step<S>['evaluatePerExample'] = (at) =>
    inPart(() => step.evaluatePerExample({ loss, ...at }));
  const evaluateOutputGradient: Step<S>['evaluateOutputGradient'] = (at) =>
    inPart(() => step.evaluateOutputGradient({ loss, ...at }));
  return { ...step, part, loss, evaluate, evaluatePerExample, evaluateOutputGradient };
}

function meanScalar(scalars: readonly tf.Scalar[], shares: Shares): tf.Scalar {
  return mean(
    scalars.map((scalar) => [scalar]),
    shares,
  )[0] as tf.Scalar;
}

/** The mean of what every part has; undefined where one has none. */
function meanOf<T>(
  parts: readonly T[],
  shares: Shares,
  of: (part: T) => WeightVector | undefined,
): WeightVector | undefined {
  const vectors = parts.map(of);
  return vectors.every((vector) => vector !== undefined) ? mean(vectors, shares) : undefined;
}

/** One part's share of d(final gradient) / d rho: its points are taken on its own examples. */
function derivativeOfPart(ascent: Ascent, { evaluate }: Pick<Step<unknown>, 'evaluate'>, along: PointDerivative) {
  const inPart: PointDerivative = (point) => along(takenBy(point, (offset) => evaluate({ offset }).gradient));
  return derivativeOf(ascent, inPart);
}

/**
 * The mean ascent, each vector of it computed when somebody asks for it, as those of the parts are. The mean of
 * directions is for who looks at it: what rho changes is the mean over parts, each at its own offset.
 */
function meanAscent(
  ascents: readonly (Ascent | undefined)[],
  steps: readonly Pick<Step<unknown>, 'evaluate'>[],
  shares: Shares,
): Ascent | undefined {
  if (!ascents.every((ascent) => ascent !== undefined)) return undefined;
  const lazily = (key: 'direction' | 'clean' | 'perturbed'): PropertyDescriptor => {
    const average = (): WeightVector =>
      mean(
        ascents.map((ascent) => ascent[key]),
        shares,
      );
    let found: WeightVector | undefined;
    return { enumerable: true, get: () => (found ??= average()) };
  };
  const factors = ascents.map(({ factor = 1 }) => (typeof factor === 'number' ? tf.scalar(factor) : factor));
  const isPlain = ascents.every(({ factor }) => factor === undefined);
  const derivative = (along: PointDerivative): WeightVector =>
    mean(
      ascents.map((ascent, i) => derivativeOfPart(ascent, steps[i] as Step<unknown>, along)),
      shares,
    );
  return Object.defineProperties(isPlain ? { derivative } : { factor: meanScalar(factors, shares), derivative }, {
    direction: lazily('direction'),
    clean: lazily('clean'),
    perturbed: lazily('perturbed'),
  }) as Ascent;
}

/** What the parts say of one metric, as one: the mean of numbers, a word that all agree on, else nothing. */
function meanMetric(metrics: readonly VariantMetrics[string][], shares: Shares): VariantMetrics[string] | undefined {
  if (metrics.some((metric) => typeof metric === 'string')) {
    return metrics.every((metric) => metric === metrics[0]) ? metrics[0] : undefined;
  }
  const scalars = metrics.map((metric) => (typeof metric === 'number' ? tf.scalar(metric) : (metric as tf.Scalar)));
  return meanScalar(scalars, shares);
}

/** The metrics that every part has. The offset is no one vector, so its norm is left out. */
function meanMetrics(all: readonly (VariantMetrics | undefined)[], shares: Shares): VariantMetrics {
  const [first = {}, ...others] = all;
  const merged: Record<string, VariantMetrics[string]> = {};
  for (const key of Object.keys(first)) {
    if (key === 'perturbationNorm' || others.some((each) => each?.[key] === undefined)) continue;
    const metric = meanMetric(
      all.map((each) => each?.[key] as VariantMetrics[string]),
      shares,
    );
    if (metric !== undefined) merged[key] = metric;
  }
  return merged;
}

/**
 * m-sharpness of any variant: the batch is cut in `parts` consecutive parts, each takes the variant's step on its own,
 * from the same weights and state and with an offset of its own, and what comes out is averaged by what the loss is a
 * mean over, examples or tokens:
 *
 *     g = sum_i share_i g_i,   state = sum_i share_i state_i, or what the variant's `mergeStates` says
 *
 * A batch of fewer examples than parts has one part an example. Nothing is done with the whole batch: the clean loss is
 * the mean of the parts'. Random numbers are those of the step, the same in each part, unless the variant draws by
 * `step.part`.
 *
 * @throws FlatminError BATCH_ACCESS_MISSING at the step where the loss has no `split`.
 */
export function inParts<S>(variant: SharpnessVariant<S>, parts: number): SharpnessVariant<S> {
  if (parts === 1) return variant;
  if (variant.afterUpdate !== undefined) {
    throw new FlatminError(
      'SPEC_INVALID',
      `microBatches: ${parts} was given to ${variant.id}, which takes its own steps after the base. Give it to the variant inside.`,
    );
  }
  const merge = variant.mergeStates?.bind(variant) ?? meanState;
  return {
    id: variant.id,
    // The average of directions times rho is the average of offsets, but the gradients are taken at each part's own.
    radius: variant.radius === 'none' ? 'none' : 'first-order',
    ...(variant.curvatures && { curvatures: variant.curvatures }),
    initialState: (weights) => variant.initialState(weights),
    estimate: (step): StepOutcome<S> => {
      const split = batchParts(step.loss, parts, `${variant.id} with microBatches`);
      const shares = split.map(({ share }) => share);
      const steps = split.map(({ loss }, i) => stepOfPart(step, loss, i));
      const outcomes = steps.map((part) => variant.estimate(part));
      const gradient = meanOf(outcomes, shares, (outcome) => outcome.gradient);
      const update = meanOf(outcomes, shares, (outcome) => outcome.update);
      const ascent = meanAscent(
        outcomes.map((outcome) => outcome.ascent),
        steps,
        shares,
      );
      return {
        loss: meanScalar(
          outcomes.map(({ loss }) => loss),
          shares,
        ),
        ...(gradient && { gradient }),
        ...(update && { update }),
        ...(ascent && { ascent }),
        state: merge(
          outcomes.map(({ state }) => state),
          shares,
        ),
        metrics: meanMetrics(
          outcomes.map(({ metrics }) => metrics),
          shares,
        ),
      };
    },
    ...(variant.graphKey && { graphKey: (outlook) => variant.graphKey?.(outlook) ?? null }),
    ...(variant.attach && { attach: (context) => variant.attach?.(context) }),
  };
}
