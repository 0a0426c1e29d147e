import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** An attribute of a TensorFlow op, as tfjs-node writes it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The numbers by which tfjs-node's binding names kinds of attributes. */
export interface AttributeKinds {
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

type DataId = tf.Tensor['dataId'];

/** The parts of tfjs-node's backend that capture goes through; none of them is in its public types. */
export interface NativeBackend {
  readonly binding: AttributeKinds;
  executeSingleOutput: (op: string, attributes: readonly OpAttribute[], inputs: readonly tf.Tensor[]) => tf.Tensor;
  executeMultipleOutputs: (
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ) => tf.Tensor[];
  /** A tensor of data that TensorFlow knows by a number; -1 for none. */
  createOutputTensor(data: { readonly id: number; readonly shape: number[]; readonly dtype: number }): tf.Tensor;
  write: (values: unknown, shape: readonly number[], dtype: tf.DataType) => DataId;
  readSync: (dataId: DataId) => Float32Array | Int32Array | Uint8Array;
  loadSavedModelMetaGraph(folder: string, tags: string): number;
  runSavedModel(
    id: number,
    inputs: readonly tf.Tensor[],
    feeds: readonly { readonly name: string }[],
    fetches: readonly string[],
  ): tf.Tensor[];
  deleteSavedModel(id: number): void;
}

/** The active backend, where it is the native one. */
export function nativeBackend(): NativeBackend {
  const backend = tf.backend() as unknown as Partial<NativeBackend>;
  if (typeof backend.executeSingleOutput === 'function' && typeof backend.runSavedModel === 'function') {
    return backend as NativeBackend;
  }
  throw new FlatminError(
    'CAPTURE_REFUSED',
    `graphs run on TensorFlow's native backend, and the active one is ${tf.getBackend()}. Load it with loadBackend of @flatmin/backend, ` +
      'or train without a graph.',
  );
}

/** Refuses to go on on another backend than the one at hand, where its data is. */
export function requireActive(backend: NativeBackend): void {
  if ((tf.backend() as unknown) === backend) return;
  throw new FlatminError(
    'CAPTURE_REFUSED',
    `it was captured on TensorFlow's native backend, and the active one is now ${tf.getBackend()}. Go back with ` +
      "tf.setBackend('tensorflow'), or train without a graph.",
  );
}
