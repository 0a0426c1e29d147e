import { FlatminError } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { AttributeKinds, OpAttribute } from './nativeBackend.js';

/** The numbers of TensorFlow's types (tensorflow/core/framework/types.proto) that TF.js has. */
const types: Partial<Record<tf.DataType, number>> = { float32: 1, int32: 3, bool: 10 };

export function typeOf(dtype: tf.DataType): number {
  const type = types[dtype];
  if (type !== undefined) return type;
  throw new FlatminError(
    'CAPTURE_REFUSED',
    `a tensor of type ${dtype} cannot be part of a graph. Use float32, int32 or bool.`,
  );
}

/**
 * Inputs whose type is an attribute, of the ops of which tfjs-node gives none: running eagerly, TensorFlow finds it by
 * itself.
 */
const unsaid: Readonly<Record<string, readonly string[]>> = { ExpandDims: ['T', 'Tdim'], Where: ['T'] };

/** The attributes of an op as a graph needs them. */
export function completeAttributes(
  op: string,
  given: readonly OpAttribute[],
  inputs: () => readonly { readonly dtype: tf.DataType }[],
  kinds: AttributeKinds,
): readonly OpAttribute[] {
  if (given.length > 0) return given;
  return inputs().flatMap(({ dtype }, i) => {
    const name = unsaid[op]?.[i];
    return name === undefined ? [] : [{ name, type: kinds.TF_ATTR_TYPE, value: typeOf(dtype) }];
  });
}
