import type { AfterUpdate, SharpnessVariant, Step, StepOutcome, StepOutlook } from './variant.js';

/** When a variant perturbs: each `every`-th step, the 0th first, from step `start` to before step `end`. */
export interface Window {
  readonly every?: number;
  readonly start?: number;
  readonly end?: number;
}

/** The step of the base alone: the clean gradient, no use of rho. */
export function plainStep<S>(step: Step<S>): StepOutcome<S> {
  const { loss, gradient } = step.evaluate();
  return { loss, gradient, state: step.state };
}

/** The variant that is not a variant: a base alone behind the same surface. */
export const plain: SharpnessVariant<unknown> = {
  id: 'base',
  radius: 'none',
  initialState: () => ({}),
  estimate: plainStep,
  graphKey: () => 'base',
};

/** `variant` inside its window, the plain base step outside, without an `afterUpdate`. */
export function windowed<S>(
  variant: SharpnessVariant<S>,
  { every = 1, start = 0, end = Infinity }: Window,
): SharpnessVariant<S> {
  if (every === 1 && start === 0 && end === Infinity) return variant;
  const perturbs = (index: number): boolean => index >= start && index < end && (index - start) % every === 0;
  const { id, radius, curvatures, learnedRadius } = variant;
  return {
    id,
    radius,
    ...(curvatures && { curvatures }),
    ...(learnedRadius === undefined ? {} : { learnedRadius }),
    initialState: (weights) => variant.initialState(weights),
    estimate: (step) =>
      perturbs(step.index) ? variant.estimate(step) : { ...plainStep(step), metrics: { branch: 'base' } },
    ...(variant.graphKey && {
      graphKey: (outlook: StepOutlook<S>) => (perturbs(outlook.index) ? (variant.graphKey?.(outlook) ?? null) : 'base'),
    }),
    ...(variant.afterUpdate === undefined
      ? {}
      : {
          afterUpdate: (after: AfterUpdate<S>) =>
            (perturbs(after.step.index) ? variant.afterUpdate?.(after) : undefined) ?? { state: after.state },
        }),
    ...(variant.attach && { attach: (context) => variant.attach?.(context) }),
  };
}
