import * as tf from '@tensorflow/tfjs-core';
import { everywhere } from './ascent.js';
import type { ParameterInfo } from './parameters.js';
import type { EvaluationPoint, SharpnessVariant, Step } from './variant.js';
import { alias } from '../tensors/tensors.js';
import { norm, type WeightVector } from '../tensors/weightVector.js';

/** Each variable's part by a factor of its own, of which there is one a variable: n + 1 ops. */
export function scaleEach(vector: WeightVector, factors: tf.Tensor1D): WeightVector {
  const each = tf.unstack(factors) as tf.Scalar[];
  return vector.map((tensor, i) => tf.mul(tensor, each[i] as tf.Scalar));
}

/** Each tensor times a number of its own; where that is 1, the tensor itself. A scalar for each number, an op each. */
export function timesEach(vector: WeightVector, factors: readonly number[]): WeightVector {
  const scalars = new Map(
    [...new Set(factors)].filter((factor) => factor !== 1).map((each) => [each, tf.scalar(each)]),
  );
  return vector.map((tensor, i) => {
    const factor = scalars.get(factors[i] as number);
    return factor === undefined ? tensor : tf.mul(tensor, factor);
  });
}

/**
 * A step whose offsets are others than a variant asks for, whatever the variant; what it evaluates says where it was.
 */
export function withOffsets<S>(step: Step<S>, change: (offset: WeightVector) => WeightVector): Step<S> {
  const changed = <P extends Pick<EvaluationPoint, 'offset'>>(at: P | undefined): P | undefined =>
    at?.offset === undefined ? at : { ...at, offset: change(at.offset) };
  return {
    ...step,
    evaluate: (at) => {
      const moved = changed(at);
      const evaluation = step.evaluate(moved);
      const offset = evaluation.offset ?? moved?.offset;
      return offset === undefined ? evaluation : { ...evaluation, offset };
    },
    evaluatePerExample: (at) => step.evaluatePerExample(changed(at)),
  };
}

/** Another offset in place of the one a variant asks for; twice as long where that is. */
export type OffsetChange = (offset: WeightVector, parameters: readonly ParameterInfo[]) => WeightVector;

/**
 * A variant whose offsets are all changed. Its ascent tells where its gradients were really taken, so that LETS learns
 * the radius of it; `perturbationNorm` is that of the last offset. Not by the diagonal estimate, which needs the
 * changed direction itself.
 */
export function withChangedOffsets<S>(variant: SharpnessVariant<S>, change: OffsetChange): SharpnessVariant<S> {
  const estimate = (step: Step<S>): ReturnType<typeof variant.estimate> => {
    let last: WeightVector | undefined;
    // What is unchanged is another tensor of the same data: the variant may free its own offset.
    const changed = withOffsets(
      step,
      (offset) =>
        (last = change(offset, step.parameters).map((tensor, i) => (tensor === offset[i] ? alias(tensor) : tensor))),
    );
    const { ascent, metrics, ...outcome } = variant.estimate(changed);
    const at = (offset: WeightVector): WeightVector =>
      step.evaluate({ offset: change(offset, step.parameters) }).gradient;
    return {
      ...outcome,
      ...(ascent && { ascent: everywhere(ascent, at) }),
      ...(metrics && {
        metrics: { ...metrics, ...(metrics.perturbationNorm && last && { perturbationNorm: norm(last) }) },
      }),
    };
  };
  const all = variant.curvatures ?? ['secant', 'exact'];
  // Members of a class are not own properties: what is passed on is named.
  return {
    id: variant.id,
    radius: variant.radius,
    curvatures: all.filter((curvature) => curvature !== 'diagonal'),
    initialState: (weights) => variant.initialState(weights),
    estimate,
    ...(variant.graphKey && { graphKey: (outlook) => variant.graphKey?.(outlook) ?? null }),
    ...(variant.afterUpdate && { afterUpdate: (after) => variant.afterUpdate?.(after) ?? { state: after.state } }),
    ...(variant.mergeStates && { mergeStates: (states, shares) => variant.mergeStates?.(states, shares) as S }),
    ...(variant.learnedRadius && { learnedRadius: variant.learnedRadius }),
    ...(variant.attach && { attach: (context) => variant.attach?.(context) }),
  };
}

/** A variant that perturbs each parameter by the `rho` of its group times its offset: n ops for each evaluation. */
export function withGroupRadii<S>(variant: SharpnessVariant<S>): SharpnessVariant<S> {
  return withChangedOffsets(variant, (offset, parameters) =>
    timesEach(
      offset,
      parameters.map(({ rho = 1 }) => rho),
    ),
  );
}
