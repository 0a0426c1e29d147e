import { FlatminError, show } from '../errors/errors.js';
import type { Plugin, PluginKinds } from './plugin.js';
import { nameOf, productOf } from './create.js';
import { stateFault, stateRule, isRecord } from '../tensors/stateTree.js';
import type { SharpnessVariant, StepOutcome, Ascent, VariantMetrics } from '../variant/variant.js';
import { scalarFault, vectorFault, type WeightVector } from '../tensors/weightVector.js';
import { faulty, runPlugin } from '../errors/faults.js';
import { isTensor } from '../tensors/tensors.js';

/** What the engine itself says of a step. */
const reserved: readonly string[] = ['loss', 'gradientEvaluations'];
/** Metrics that are words, and those that are numbers: programs rely on both. */
const words: readonly string[] = ['branch'];
const numbers: readonly string[] = [
  'radius',
  'perturbationNorm',
  'radiusAfter',
  'gap',
  'validationLoss',
  'hypergradient',
];

function metricFault(name: string, metric: unknown): string | undefined {
  if (reserved.includes(name)) return `is the name of one of flatmin's own metrics: use another name`;
  if (isTensor(metric)) return scalarFault(metric);
  if (metric === undefined || metric === null) return undefined; // Absent.
  const isText = typeof metric === 'string';
  if (isText ? numbers.includes(name) : typeof metric !== 'number')
    return `is ${show(metric)}, not a scalar${isText ? '' : ', number or string'}`;
  return isText || !words.includes(name) ? undefined : `is ${show(metric)}, not a word`;
}

/** What is wrong with the metrics of a step; undefined where nothing is. */
function metricsFault(metrics: unknown): string | undefined {
  if (metrics === undefined) return undefined;
  if (!isRecord(metrics)) return `gave the metrics ${show(metrics)}, not a record of them`;
  for (const [name, metric] of Object.entries(metrics as VariantMetrics)) {
    const fault = metricFault(name, metric);
    if (fault !== undefined) return `gave metrics whose ${name} ${fault}`;
  }
  return undefined;
}

/** The vectors of an ascent; the first three every one has. */
const vectorsOfAscent = ['direction', 'clean', 'perturbed', 'constant', 'origin'] as const;
const required: readonly string[] = vectorsOfAscent.slice(0, 3);

/** What a member holds that is not computed on demand. */
const held = (of: object, key: string): unknown => Object.getOwnPropertyDescriptor(of, key)?.value as unknown;

/** What is wrong with what of an ascent is there already. */
function ascentFault(ascent: unknown, weights: WeightVector): string | undefined {
  if (typeof ascent !== 'object' || ascent === null) return `is ${show(ascent)}`;
  for (const key of vectorsOfAscent) {
    const value = held(ascent, key);
    const isAbsent = !(key in ascent) || (Object.hasOwn(ascent, key) && value === undefined && !isLazy(ascent, key));
    if (isAbsent && required.includes(key)) return `has no ${key}`;
    const fault = value === undefined ? undefined : vectorFault(value, weights);
    if (fault !== undefined) return `has a ${key} that ${fault}`;
  }
  const factor = held(ascent, 'factor');
  const fault = factor === undefined || typeof factor === 'number' ? undefined : scalarFault(factor);
  return fault && `has a factor that ${fault}`;
}

const isLazy = (of: object, key: string): boolean => Object.getOwnPropertyDescriptor(of, key)?.get !== undefined;

/** What is wrong with an outcome; undefined where nothing is. Computes nothing: an ascent may be lazy. */
function outcomeFault(outcome: unknown, weights: WeightVector): string | undefined {
  if (typeof outcome !== 'object' || outcome === null) return `gave ${show(outcome)}, not an outcome`;
  const { loss, gradient, update, ascent, metrics } = outcome as Partial<StepOutcome<unknown>>;
  const lossFault = scalarFault(loss);
  if (lossFault !== undefined) return `gave a loss that ${lossFault}`;
  for (const [name, vector] of Object.entries({ gradient, update })) {
    const fault = vector === undefined ? undefined : vectorFault(vector, weights);
    if (fault !== undefined) return `gave an outcome whose ${name} ${fault}`;
  }
  const fault = ascent === undefined ? undefined : ascentFault(ascent, weights);
  return fault === undefined ? metricsFault(metrics) : `gave an outcome whose ascent ${fault}`;
}

/**
 * An ascent whose vectors, where they are computed on demand, are checked when they are: by then somebody else's code
 * runs, which is not to blame for them.
 */
function checkedAscent(ascent: Ascent, weights: WeightVector, plugin: string, doing: string): Ascent {
  const lazy = vectorsOfAscent.filter((key) => key in ascent && held(ascent, key) === undefined);
  if (lazy.length === 0) return ascent;
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(ascent);
  for (const key of lazy) {
    const get = (): unknown => {
      const vector = runPlugin(plugin, `${doing} computing the ${key} of its ascent`, () => memberOf(ascent, key));
      const fault = vector === undefined && !required.includes(key) ? undefined : vectorFault(vector, weights);
      if (fault !== undefined) throw faulty(plugin, `${doing} gave an ascent whose ${key} ${fault}`);
      return vector;
    };
    descriptors[key] = { enumerable: true, configurable: true, get };
  }
  return Object.defineProperties({}, descriptors) as Ascent;
}

const memberOf = (of: object, key: string): unknown => (of as Readonly<Record<string, unknown>>)[key];

/**
 * The variant of a plugin, held to its contract: what it throws by mistake and what it gives of wrong shapes is refused
 * by the plugin's name before any weight moves.
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
        const way: unknown = contract.run('computing its graphKey', () => variant.graphKey?.(outlook)) ?? null;
        if (way === null || typeof way === 'string') return way;
        throw faulty(plugin, `gave the graphKey ${show(way)}, not a string or null`);
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
