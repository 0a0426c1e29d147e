import type * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';
import type { OptimizerSetup, OptimizerContext } from '../step/setup.js';
import type { Spec } from '../plugin/spec.js';

/*
 * TF.js's loader turns snake case into camel case in every key and string with an underscore, and back, and fails on
 * nested undefined. A spec therefore travels as one string of hexadecimal digits, which no such change can touch.
 */

/** The config that TF.js saves with a model. */
export function encodeConfig({ spec, codeOnly, totalSteps, roles }: OptimizerSetup): tf.serialization.ConfigDict {
  if (codeOnly !== undefined) {
    throw new FlatminError(
      'BASE_NOT_SERIALIZABLE',
      `this optimizer holds ${codeOnly}, which exists only in code and cannot be written to a config. ` +
        'Save the model without the optimizer, or give the base as a spec such as { use: "momentum", ... }.',
    );
  }
  const parameters = Object.keys(roles).length === 0 ? undefined : roles;
  return { spec: toHex(spec), context: toHex({ totalSteps, parameters }) };
}

/** The spec that {@link encodeConfig} wrote, with what of the context it took: steps and roles. */
export function decodeConfig(config: tf.serialization.ConfigDict): {
  readonly spec: Spec;
  readonly context: Pick<OptimizerContext, 'totalSteps' | 'parameters'>;
} {
  const { spec, context } = (config as tf.serialization.ConfigDict | null | undefined) ?? {};
  return {
    spec: fromHex(spec) as Spec,
    context: context === undefined ? {} : (fromHex(context) as Pick<OptimizerContext, 'totalSteps' | 'parameters'>),
  };
}

function toHex(value: object): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: unknown): unknown {
  try {
    if (typeof text !== 'string' || !/^([0-9a-f]{2})+$/.test(text)) throw new SyntaxError('no hexadecimal digits');
    const bytes = Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FlatminError(
      'STATE_INVALID',
      'this optimizer config was not written by flatmin, or was changed. Save the model again.',
      { cause },
    );
  }
}
