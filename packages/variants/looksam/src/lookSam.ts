import {
  type Ascent,
  axpy,
  gateAround,
  norm,
  normRatio,
  plainStep,
  projectOut,
  requireGradient,
  scale,
  type SharpnessVariant,
  type Step,
  type StepOutcome,
  type WeightVector,
  zerosLike,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm. */
export interface LookSamSettings {
  /** Steps whose index is a multiple of k refresh the stored component. */
  readonly k: number;
  readonly alpha: number;
  /** Decomposes and scales tensor by tensor, rather than all weights as one vector. */
  readonly layerwise: boolean;
}

interface Stored {
  /** The part of the last perturbed gradient orthogonal to the clean one; absent before the first refresh. */
  readonly gv?: WeightVector;
  /**
   * The same of a variant that moves the weights beside its base, as decoupled WSAM: reused there, in place of `gv`.
   */
  readonly beside?: WeightVector;
}

/** A component shorter than this share of its gradient is what float32 rounded, whose direction means nothing. */
const roundingShare = 1e-6;

/** The vector in the pieces that are treated as one each. */
const pieces = (vector: WeightVector, layerwise: boolean): readonly WeightVector[] =>
  layerwise ? vector.map((tensor) => [tensor]) : [vector];

/** gv = ghat - (<g, ghat> / ||g||^2) g, and exactly zero where the two gradients are parallel, as at rho 0. */
export function orthogonalPart(ghat: WeightVector, g: WeightVector, layerwise = false): WeightVector {
  const along = pieces(g, layerwise);
  return pieces(ghat, layerwise).flatMap((piece, i) => {
    const { rest } = projectOut(piece, along[i] as WeightVector);
    const isMore = tf.greater(norm(rest), tf.mul(norm(piece), roundingShare));
    return [...scale(rest, tf.cast(isMore, 'float32') as tf.Scalar)];
  });
}

/** alpha (||g|| / ||gv||) gv, added to `to` piece by piece. */
function reused(g: WeightVector, gv: WeightVector, { alpha, layerwise }: LookSamSettings, to = g): WeightVector {
  const [stored, sums] = [pieces(gv, layerwise), pieces(to, layerwise)];
  return pieces(g, layerwise).flatMap((piece, i) => {
    const part = stored[i] as WeightVector;
    return [...axpy(tf.mul<tf.Scalar>(alpha, normRatio(piece, part)), part, sums[i] as WeightVector)];
  });
}

/** What a refresh stores. Of a step that is taken beside the base, update / -eta is what it adds to the gradient. */
function storedOf(outcome: StepOutcome<unknown>, { learningRate }: Step<unknown>, inner: string, layerwise: boolean) {
  const { ascent, gradient, update } = outcome;
  const { clean } = ascent as Ascent;
  if (gradient === undefined || update === undefined) {
    return { gv: orthogonalPart(requireGradient(outcome, 'looksam', inner), clean, layerwise) };
  }
  const whole = axpy(tf.divNoNan<tf.Scalar>(-1, learningRate), update, gradient);
  return { beside: orthogonalPart(whole, clean, layerwise) };
}

/**
 * LookSAM around a variant: every k-th step is the variant's and stores what it adds to the clean gradient; the others
 * add that again. A step that the variant leaves to the base, as an inner gate may, reuses too.
 */
export function lookSamVariant(inner: SharpnessVariant<unknown>, settings: LookSamSettings): SharpnessVariant<unknown> {
  const { k, layerwise } = settings;
  // Inside another gate the step of a multiple of k may not be ours: the first one is a refresh in any case.
  const isRefresh = (index: number, { gv, beside }: Stored): boolean =>
    (gv === undefined && beside === undefined) || index % k === 0;
  return gateAround<unknown, Stored>(inner, {
    id: 'looksam',
    graphKey: ({ index, state }, ask) => (isRefresh(index, state) ? ask() : 'reuse'),
    firstState: () => ({}),
    pass: (step, ask) => {
      const own = step.state;
      const outcome = isRefresh(step.index, own) ? ask() : plainStep(step);
      const { ascent, metrics } = outcome;
      if (ascent !== undefined) {
        const stored = storedOf(outcome, step, inner.id, layerwise);
        return { ...outcome, own: stored, metrics: { branch: 'sam', ...metrics } };
      }
      const { gv, beside } = own;
      if (gv === undefined && beside === undefined) {
        return { ...outcome, own, metrics: { branch: 'base', ...metrics } };
      }
      const g = requireGradient(outcome, 'looksam', inner.id);
      const reuse = { ...outcome, own, metrics: { ...metrics, branch: 'reuse' } };
      if (gv !== undefined) return { ...reuse, gradient: reused(g, gv, settings) };
      const added = reused(g, beside as WeightVector, settings, zerosLike(g));
      return { ...reuse, update: scale(added, tf.neg(step.learningRate)) };
    },
  });
}
