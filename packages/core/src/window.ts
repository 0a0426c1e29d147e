import type { SharpnessVariant, Step, StepOutcome } from './variant.js';

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

/** The variant that is no variant: a base alone behind the same surface. */
export const plain: SharpnessVariant<unknown> = {
  id: 'base',
  radius: 'none',
  initialState: () => ({}),
  estimate: plainStep,
};

/** `variant` inside its window, the plain base step outside. */
export function windowed<S>(
  variant: SharpnessVariant<S>,
  { every = 1, start = 0, end = Infinity }: Window,
): SharpnessVariant<S> {
  if (every === 1 && start === 0 && end === Infinity) return variant;
  return {
    ...variant,
    initialState: (weights) => variant.initialState(weights),
    estimate: (step) =>
      step.index >= start && step.index < end && (step.index - start) % every === 0
        ? variant.estimate(step)
        : { ...plainStep(step), report: { branch: 'base' } },
  };
}
