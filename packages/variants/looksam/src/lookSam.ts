import {
  axpy,
  gateAround,
  norm,
  normRatio,
  plainStep,
  projectOut,
  scale,
  type SharpnessVariant,
  type WeightVector,
} from '@flatmin/core';
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

/** g + alpha (||g|| / ||gv||) gv. */
function reused(g: WeightVector, gv: WeightVector, { alpha, layerwise }: LookSamSettings): WeightVector {
  const stored = pieces(gv, layerwise);
  return pieces(g, layerwise).flatMap((piece, i) => {
    const part = stored[i] as WeightVector;
    return [...axpy(tf.mul<tf.Scalar>(alpha, normRatio(piece, part)), part, piece)];
  });
}

/**
 * LookSAM around a variant: every k-th step is the variant's and stores what it adds to the clean gradient; the others add
 * that again. A step that the variant leaves to the base, as an inner gate may, reuses too.
 */
export function lookSamVariant(inner: SharpnessVariant<unknown>, settings: LookSamSettings): SharpnessVariant<unknown> {
  const { k, layerwise } = settings;
  // Inside another gate the step of a multiple of k may not be ours: the first one is a refresh in any case.
  const isRefresh = (index: number, { gv }: Stored): boolean => gv === undefined || index % k === 0;
  return gateAround<unknown, Stored>(inner, {
    id: 'looksam',
    branch: ({ index, state }, ask) => (isRefresh(index, state) ? ask() : 'reuse'),
    firstState: () => ({}),
    pass: (step, ask) => {
      const own = step.state;
      const outcome = isRefresh(step.index, own) ? ask() : plainStep(step);
      const { ascent, gradient, report } = outcome;
      if (gradient === undefined) return { ...outcome, own }; // It moves the weights by itself: nothing to take apart.
      if (ascent !== undefined) {
        const gv = orthogonalPart(gradient, ascent.clean, layerwise);
        return { ...outcome, own: { gv }, report: { branch: 'sam', ...report } };
      }
      if (own.gv === undefined) return { ...outcome, own, report: { branch: 'base', ...report } };
      return { ...outcome, gradient: reused(gradient, own.gv, settings), own, report: { ...report, branch: 'reuse' } };
    },
  });
}
