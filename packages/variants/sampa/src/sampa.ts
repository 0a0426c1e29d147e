import {
  ascentOf,
  axpy,
  type BatchTensors,
  mapTensors,
  mean,
  norm,
  ofLength,
  requireAccess,
  scale,
  type SharpnessVariant,
  type Step,
  weightedSum,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface SampaSettings {
  readonly lambda: number;
  /** On which batch the gradient at the offset is taken. */
  readonly perturbedBatch: 'previous' | 'current';
}

export interface SampaState {
  /** The gradient at y, along which the next step perturbs. Absent before the first step. */
  readonly c?: WeightVector;
  /** The batch that c was taken on, where it is looked at again. */
  readonly batch?: BatchTensors;
}

/** The bases whose step is -learningRate (g + momentum v). */
const momentumBases: readonly (string | undefined)[] = ['momentum', 'sgdw'];

/** From theta to y: where SGD with momentum would go with c. The official code takes -learningRate c for all others. */
function trialStep({ base, learningRate }: Step<unknown>, c: WeightVector): WeightVector {
  const v = momentumBases.includes(base.id) ? base.slot('momentum') : undefined;
  const direction = v === undefined ? c : axpy(base.option('momentum') ?? 0, v, c);
  return scale(direction, tf.neg(learningRate));
}

/** The loss of this step's batch through its tensors, where one will be looked at again. */
function throughBatch({ loss }: Step<unknown>, { perturbedBatch }: SampaSettings) {
  if (perturbedBatch === 'current') return undefined;
  return requireAccess(loss, 'throughBatch', "sampa with perturbedBatch 'previous' ('current' does without)")();
}

/** Parts of a batch as one, in their order. */
function joined(batches: readonly BatchTensors[]): BatchTensors {
  const names = Object.keys(batches[0] as BatchTensors);
  return Object.fromEntries(
    names.map((name) => [name, tf.concat(batches.map((batch) => batch[name] as tf.Tensor))] as const),
  );
}

/**
 * SAMPa as a variant: the offset is along a gradient of the previous step, so that the two gradients of a step do not
 * wait for each other. c is taken at a trial point y:
 *
 *     epsilon = rho c / (||c|| + 1e-12)
 *     ghat    = grad on the previous batch at theta + epsilon
 *     y       = theta - learningRate (c + momentum v)
 *     c       <- grad at y
 *     theta   <- base step at theta with (1 - lambda) ghat + lambda c
 */
export function sampaVariant(settings: SampaSettings): SharpnessVariant<SampaState> {
  const { lambda } = settings;
  return {
    id: 'sampa',
    radius: 'linear',
    graphKey: ({ state }) => (state.c === undefined ? 'base' : 'sam'),
    initialState: () => ({}),
    estimate: (step) => {
      const { evaluate, radius: rho, state } = step;
      const through = throughBatch(step, settings);
      // Copies share the data of the batch and outlive it, also in a checkpoint.
      const batch = through && { batch: mapTensors(through.batch, (tensor) => tensor.clone()) };
      const { c } = state;
      if (c === undefined) {
        // Official: both gradients are at theta, on this batch.
        const { loss, gradient } = evaluate();
        return { loss, gradient, state: { c: gradient, ...batch }, metrics: { branch: 'base' } };
      }
      // Neither gradient is at theta: a forward pass more, as in msam.
      const { loss } = evaluate({ only: c.map(() => false) });
      const last = (state.batch && through?.loss(state.batch)) ?? step.loss;
      const offset = ofLength(c, rho);
      const at = (place: { offset?: WeightVector }) => evaluate({ ...place, loss: last, updateStatistics: false });
      const { gradient: ghat, loss: perturbedLoss } = at({ offset });
      const next = evaluate({ shift: trialStep(step, c) }).gradient;
      const ascent = ascentOf(offset, rho, {
        perturbed: ghat,
        factor: 1 - lambda,
        gradientAt: (there) => at({ offset: there }).gradient,
        // No part of the algorithm: one more gradient, for who asks (the secant of LETS).
        get clean() {
          return at({}).gradient;
        },
      });
      return {
        loss,
        gradient: weightedSum(1 - lambda, ghat, lambda, next),
        state: { c: next, ...batch },
        ascent,
        metrics: { perturbationNorm: norm(offset), perturbedLoss, branch: 'sam' },
      };
    },
    mergeStates: (states, shares) => {
      const batches = states.map(({ batch }) => batch).filter((batch) => batch !== undefined);
      return {
        c: mean(
          states.map(({ c }) => c as WeightVector),
          shares,
        ),
        ...(batches.length > 0 && { batch: joined(batches) }),
      };
    },
  };
}
