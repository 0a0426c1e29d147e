import { FlatminError } from '../errors/errors.js';
import type { VariantMetrics, AfterUpdate, SharpnessVariant, Step, StepOutcome, StepOutlook } from './variant.js';
import type { WeightVector } from '../tensors/weightVector.js';

type LearnedRadius<S> = NonNullable<SharpnessVariant<S>['learnedRadius']>;

/** What lives between the steps of a gate: the state of the variant inside, and the gate's own. */
export interface GateState<S, O> {
  readonly inner: S;
  readonly own: O;
}

/** A step as a gate decides it: the inner variant's outcome, perhaps changed, or the gate's own. */
export type Passage<O> = Omit<StepOutcome<unknown>, 'state' | 'carry'> & { readonly own: O };

/** What makes a gate: its own state, and what it does with a step. */
export interface GatePolicy<S, O> {
  readonly id: string;
  firstState(weights: WeightVector): O;
  /**
   * Calls `ask` for the step of the inner variant, at most once, or takes another step and leaves the inner state
   * unchanged.
   */
  pass(step: Step<O>, ask: () => StepOutcome<S>): Passage<O>;
  /**
   * Like `graphKey` of a variant: names what the gate decides. `ask` returns the key of the inner variant's step; use
   * it wherever `pass` may ask for that step.
   */
  graphKey?(outlook: StepOutlook<O>, ask: () => string | null): string | null;
}

/**
 * Runs `afterUpdate` of the inner variant of a meta with the outcome it gave; its state comes back, or stays where it
 * has none.
 */
export function afterInnerUpdate<S>(
  inner: SharpnessVariant<S>,
  after: Omit<AfterUpdate<unknown>, 'outcome' | 'state'>,
  outcome: StepOutcome<S>,
  state: S,
): { readonly state: S; readonly metrics?: VariantMetrics } {
  const { step, weights, evaluate } = after;
  return (
    inner.afterUpdate?.({ step: { ...step, state }, outcome, weights, evaluate, state: outcome.state }) ?? {
      state: outcome.state,
    }
  );
}

/** The radius that the variant inside keeps, as the gate's: read and set through the optimizer. */
function radiusInside<S, O>(inner: LearnedRadius<S>): LearnedRadius<GateState<S, O>> {
  return {
    ...inner,
    read: (state) => inner.read(state.inner),
    write: (state, radius) => ({ ...state, inner: inner.write(state.inner, radius) }),
  };
}

/**
 * The gradient that the base gets from an outcome. Refuses a variant that moves the weights itself, wholly or in
 * addition to the base, because what `gate` does with the gradient would silently miss that part.
 */
export function requireGradient(outcome: StepOutcome<unknown>, gate: string, inner: string): WeightVector {
  const { gradient, update } = outcome;
  if (gradient !== undefined && update === undefined) return gradient;
  const how =
    gradient === undefined ? 'gives it none, because it moves the weights itself' : 'also moves the weights itself';
  throw new FlatminError(
    'SPEC_INVALID',
    `${gate} works on the gradient that the base gets, and ${inner} ${how}. Wrap a variant that leaves the whole step to its base, such as sam.`,
  );
}

/**
 * A variant that decides, step by step, whether to use the variant inside: RST, AE-SAM and LookSAM around any variant.
 * State, `afterUpdate`, `attach` and a learned radius of the inner variant are passed on; on steps that do not use it,
 * its state does not change.
 *
 * @example
 * ```ts fragment
 * gateAround(inner, {
 *   id: 'every-other',
 *   firstState: () => ({}),
 *   pass: (step, ask) => ({ ...(step.index % 2 === 0 ? ask() : plainStep(step)), own: step.state }),
 *   graphKey: ({ index }, ask) => (index % 2 === 0 ? ask() : 'base'),
 * });
 * ```
 */
export function gateAround<S, O>(
  inner: SharpnessVariant<S>,
  policy: GatePolicy<S, O>,
): SharpnessVariant<GateState<S, O>> {
  const gate: SharpnessVariant<GateState<S, O>> = {
    id: policy.id,
    radius: inner.radius,
    ...(inner.curvatures && { curvatures: inner.curvatures }),
    initialState: (weights) => ({ inner: inner.initialState(weights), own: policy.firstState(weights) }),
    estimate: (step) => {
      let asked: StepOutcome<S> | undefined;
      const ask = (): StepOutcome<S> => (asked ??= inner.estimate({ ...step, state: step.state.inner }));
      const { own, ...passage } = policy.pass({ ...step, state: step.state.own }, ask);
      return { ...passage, state: { inner: asked?.state ?? step.state.inner, own }, carry: asked };
    },
    ...(inner.graphKey &&
      policy.graphKey && {
        graphKey: (outlook) => {
          const ask = (): string | null => inner.graphKey?.({ ...outlook, state: outlook.state.inner }) ?? null;
          return policy.graphKey?.({ ...outlook, state: outlook.state.own }, ask) ?? null;
        },
      }),
    ...(inner.learnedRadius && { learnedRadius: radiusInside(inner.learnedRadius) }),
    ...(inner.attach && { attach: (context) => inner.attach?.(context) }),
  };
  if (inner.afterUpdate === undefined) return gate;
  const afterUpdate: SharpnessVariant<GateState<S, O>>['afterUpdate'] = (after) => {
    const asked = after.outcome.carry as StepOutcome<S> | undefined;
    if (asked === undefined) return { state: after.state };
    const { state, metrics } = afterInnerUpdate(inner, after, asked, after.step.state.inner);
    return { state: { ...after.state, inner: state }, ...(metrics && { metrics }) };
  };
  return { ...gate, afterUpdate };
}
