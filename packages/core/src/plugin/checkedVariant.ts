import { FlatminError, show } from '../errors/errors.js';
import { faulty, runPlugin } from '../errors/faults.js';
import { checkedAscent, outcomeFault, metricsFault } from './outcomeFault.js';
import type { Plugin, PluginKinds } from './plugin.js';
import { nameOf, productOf } from './create.js';
import { stateFault, stateRule } from '../tensors/stateTree.js';
import type { SharpnessVariant, StepOutcome } from '../variant/variant.js';
import { scalarFault } from '../tensors/vectorFault.js';
import type { WeightVector } from '../tensors/weightVector.js';

/**
 * The variant of a plugin, held to its contract: what it throws by mistake and what it gives of wrong shapes is refused by the plugin's name
 * before any weight moves.
 *
 * Cost: a comparison of shapes for each tensor of an outcome, in JavaScript.
 */
export function variantOf<K extends 'variant' | 'meta'>(
  plugin: Plugin<K>,
  options: unknown,
  context: PluginKinds[K]['context'],
): SharpnessVariant<unknown> {
  return heldToContract(productOf(plugin, options, context), nameOf(plugin));
}

/** What the base has moved stands; the error of the step says so. */
const afterBase = '';

class Contract<S> {
  readonly #plugin: string;

  constructor(plugin: string) {
    this.#plugin = plugin;
  }

  run<T>(doing: string, code: () => T, left?: string): T {
    return runPlugin(this.#plugin, doing, code, left);
  }

  state(state: S, doing: string, left = 'Nothing was changed.'): S {
    const fault = stateFault(state);
    if (fault === undefined) return state;
    const text = `${this.#plugin} ${doing} made a state that ${fault}. ${stateRule} ${left}`;
    throw new FlatminError('STATE_INVALID', text.trim());
  }

  outcome(outcome: StepOutcome<S>, weights: WeightVector, doing: string): StepOutcome<S> {
    const fault = outcomeFault(outcome, weights);
    if (fault !== undefined) throw faulty(this.#plugin, `${doing} ${fault}`);
    this.state(outcome.state, doing);
    if (outcome.ascent === undefined) return outcome;
    const ascent = checkedAscent(outcome.ascent, weights, this.#plugin, doing);
    return ascent === outcome.ascent ? outcome : { ...outcome, ascent };
  }

  updated(given: unknown, doing: string): ReturnType<NonNullable<SharpnessVariant<S>['afterUpdate']>> {
    const { state, metrics } = (given ?? {}) as { state: S; metrics?: unknown };
    const hasState = typeof given === 'object' && given !== null && 'state' in given;
    const fault = hasState ? metricsFault(metrics) : `gave ${show(given)}, not { state }`;
    if (fault !== undefined) throw faulty(this.#plugin, `${doing} ${fault}`, undefined, afterBase);
    this.state(state, doing, afterBase);
    return given as { state: S };
  }
}

/** How a radius that a variant keeps in its state is read and set. */
function heldRadius<S>(
  contract: Contract<S>,
  plugin: string,
  radius: NonNullable<SharpnessVariant<S>['learnedRadius']>,
): typeof radius {
  const doing = 'reading or setting its radius';
  return {
    ...radius,
    read: (state) => {
      const found = contract.run(doing, () => radius.read(state));
      const fault = scalarFault(found);
      if (fault !== undefined) throw faulty(plugin, `gave a radius that ${fault}`);
      return found;
    },
    write: (state, to) =>
      contract.state(
        contract.run(doing, () => radius.write(state, to)),
        doing,
      ),
  };
}

function heldToContract<S>(variant: SharpnessVariant<S>, plugin: string): SharpnessVariant<S> {
  const { id, radius, curvatures, learnedRadius } = variant;
  const contract = new Contract<S>(plugin);
  return {
    id,
    radius,
    ...(curvatures && { curvatures }),
    ...(learnedRadius && { learnedRadius: heldRadius(contract, plugin, learnedRadius) }),
    initialState: (weights) => {
      const doing = 'making its first state';
      return contract.state(
        contract.run(doing, () => variant.initialState(weights)),
        doing,
      );
    },
    estimate: (step) => {
      const doing = `in step ${step.index}`;
      return contract.outcome(
        contract.run(doing, () => variant.estimate(step)),
        step.weights,
        doing,
      );
    },
    ...(variant.graphKey && {
      graphKey: (outlook) => {
        const way: unknown = contract.run('telling which way a step goes', () => variant.graphKey?.(outlook)) ?? null;
        if (way === null || typeof way === 'string') return way;
        throw faulty(plugin, `says that a step goes ${show(way)}, not a string or null`);
      },
    }),
    ...(variant.afterUpdate && {
      afterUpdate: (after) => {
        const doing = `after the base of step ${after.step.index}`;
        const given: unknown = contract.run(doing, () => variant.afterUpdate?.(after), afterBase);
        return contract.updated(given ?? { state: after.state }, doing);
      },
    }),
    ...(variant.mergeStates && {
      mergeStates: (states, shares) => {
        const doing = 'merging the states of parts';
        return contract.state(
          contract.run(doing, () => variant.mergeStates?.(states, shares) as S),
          doing,
        );
      },
    }),
    ...(variant.attach && {
      attach: (context) => contract.run('being given a loss', () => variant.attach?.(context)),
    }),
  } satisfies SharpnessVariant<S>;
}
