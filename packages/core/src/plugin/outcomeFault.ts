import { show } from '../errors/errors.js';
import { faulty, runPlugin } from '../errors/faults.js';
import { isRecord, isTensor } from '../tensors/stateTree.js';
import type { Ascent, VariantMetrics, StepOutcome } from '../variant/variant.js';
import { scalarFault, vectorFault } from '../tensors/vectorFault.js';
import type { WeightVector } from '../tensors/weightVector.js';

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
  if (reserved.includes(name)) return `is a name of flatmin's own metrics: give it another one`;
  if (isTensor(metric)) return scalarFault(metric);
  if (metric === undefined || metric === null) return undefined; // Absent.
  const isText = typeof metric === 'string';
  if (isText ? numbers.includes(name) : typeof metric !== 'number')
    return `is ${show(metric)}, not a scalar${isText ? '' : ', number or string'}`;
  return isText || !words.includes(name) ? undefined : `is ${show(metric)}, not a word`;
}

/** What is wrong with the metrics of a step; undefined where nothing is. */
export function metricsFault(metrics: unknown): string | undefined {
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
export function outcomeFault(outcome: unknown, weights: WeightVector): string | undefined {
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
 * An ascent whose vectors, where they are computed on demand, are checked when they are: by then somebody else's code runs, which is not
 * to blame for them.
 */
export function checkedAscent(ascent: Ascent, weights: WeightVector, plugin: string, doing: string): Ascent {
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
