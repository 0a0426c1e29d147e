import type * as tf from '@tensorflow/tfjs-core';
import { show } from './errors.js';
import { faulty, runPlugin } from './faults.js';
import type { Plugin, PluginKinds } from './plugin.js';
import { nameOf, productOf } from './product.js';
import { isTensor } from './stateTree.js';
import type { SharpnessVariant, StepOutcome, WeightVector } from './variant.js';
import { vectorFault } from './vectorFault.js';

/** What is wrong with an outcome; undefined where nothing is. Computes nothing: an ascent may be lazy. */
function outcomeFault(outcome: unknown, weights: WeightVector): string | undefined {
  if (typeof outcome !== 'object' || outcome === null) return `gave ${show(outcome)}, not an outcome`;
  const { loss, gradient, update, ascent } = outcome as Partial<StepOutcome<unknown>>;
  if (!isTensor(loss)) return `gave the loss ${show(loss)}, not a scalar`;
  const { shape } = loss as tf.Tensor;
  if (shape.length > 0) return `gave a loss of shape [${shape.join(', ')}], not a scalar`;
  const vectors: Record<string, unknown> = { gradient, update };
  for (const key of ['direction', 'clean', 'perturbed'] as const) {
    vectors[`ascent.${key}`] = ascent && Object.getOwnPropertyDescriptor(ascent, key)?.value;
  }
  for (const [name, vector] of Object.entries(vectors)) {
    const fault = vector === undefined ? undefined : vectorFault(vector, weights);
    if (fault !== undefined) return `gave an outcome whose ${name} ${fault}`;
  }
  return undefined;
}

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

function heldToContract<S>(variant: SharpnessVariant<S>, plugin: string): SharpnessVariant<S> {
  const { id, radius, learnedRadius } = variant;
  return {
    id,
    radius,
    ...(learnedRadius && { learnedRadius }),
    initialState: (weights) => runPlugin(plugin, 'making its first state', () => variant.initialState(weights)),
    estimate: (step) => {
      const outcome = runPlugin(plugin, `in step ${step.index}`, () => variant.estimate(step));
      const fault = outcomeFault(outcome, step.weights);
      if (fault !== undefined) throw faulty(plugin, `in step ${step.index} ${fault}`);
      return outcome;
    },
    ...(variant.branch && { branch: (outlook) => variant.branch?.(outlook) ?? null }),
    ...(variant.settle && {
      settle: (after) => variant.settle?.(after) ?? { state: after.state },
    }),
    ...(variant.mergeStates && {
      mergeStates: (states, shares) => variant.mergeStates?.(states, shares) as S,
    }),
    ...(variant.attach && { attach: (context) => variant.attach?.(context) }),
  } satisfies SharpnessVariant<S>;
}
