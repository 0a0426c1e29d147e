import type * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from './errors.js';
import type { Recipe, Spec } from './recipe.js';

/*
 * TF.js's loader turns snake case into camel case in every key and string with an underscore, and back, and fails on nested
 * undefined. A spec therefore travels as one string of hexadecimal digits, which no such change can touch.
 */

/** The config that TF.js saves with a model. */
export function encodeConfig({ spec, codeOnly }: Recipe): tf.serialization.ConfigDict {
  if (codeOnly !== undefined) {
    throw new FlatminError(
      'BASE_NOT_SERIALIZABLE',
      `this optimizer holds ${codeOnly}, which exists in code only and cannot be written to a config. ` +
        'Save the model without the optimizer, or give the base as a spec such as { use: "momentum", ... }.',
    );
  }
  const bytes = new TextEncoder().encode(JSON.stringify(spec));
  return { spec: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

/** The spec that {@link encodeConfig} wrote. */
export function decodeConfig(config: tf.serialization.ConfigDict): Spec {
  const { spec } = config;
  if (typeof spec !== 'string' || !/^([0-9a-f]{2})+$/.test(spec)) {
    throw new FlatminError(
      'STATE_INVALID',
      'this optimizer config has no spec written by flatmin. Save the model again.',
    );
  }
  const bytes = Uint8Array.from(spec.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return JSON.parse(new TextDecoder().decode(bytes)) as Spec;
}
