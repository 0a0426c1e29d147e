import type { Supply } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { NativeBackend, OpAttribute } from '../native/nativeBackend.js';

/** What is known of an edge, the place of a tensor in a graph. */
export interface EdgeType {
  readonly dtype: tf.DataType;
  readonly shape: readonly number[];
}

/** An op that ran. Its outputs are the edges `name`, `name:1`, ... */
export interface RecordedOp {
  readonly name: string;
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly string[];
}

/** The values of a tensor: all of them, or the one that all of them are. */
export interface Constant extends EdgeType {
  readonly bytes: Uint8Array;
}

/** Values read back into JavaScript, which may decide what ran next. */
export interface ReadBack {
  readonly edge: string;
  readonly values: string;
}

/** What ran from the begin or one read-back to the next or the end. */
export interface RecordedSegment {
  readonly ops: readonly RecordedOp[];
  /** The edges of what was supplied, in the order in which the segment asked. */
  readonly supplies: readonly { readonly supply: Supply; readonly edges: readonly string[] }[];
  readonly read?: ReadBack;
}

/** What a function of tensors did, as graphs with read-backs between them. */
export interface Recording {
  readonly segments: readonly RecordedSegment[];
  /** Tensors that JavaScript made, by edge. */
  readonly constants: ReadonlyMap<string, Constant>;
  /** Values of small tensors that were computed from constants alone, by edge. */
  readonly computed: ReadonlyMap<string, Constant>;
  readonly edges: ReadonlyMap<string, EdgeType>;
  /** True where JavaScript has read what constants alone decide: other constants would make it do something else. */
  readonly hasReadComputed: boolean;
}

/** The place of a tensor in the recording. */
export type EdgeOf = (tensor: tf.Tensor) => string;

/** The values of a tensor in JavaScript. */
export type Values = ReturnType<NativeBackend['readSync']>;

const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => Object.is(item, b[i]));

const sameValue = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? sameList(a, b) : Object.is(a, b);

/** Whether two ops are the same, but for their names. */
export function sameOp(a: RecordedOp, b: RecordedOp): boolean {
  if (a.op !== b.op || a.attributes.length !== b.attributes.length || !sameList(a.inputs, b.inputs)) return false;
  return a.attributes.every(({ name, type, value }, i) => {
    const other = b.attributes[i] as OpAttribute;
    return name === other.name && type === other.type && sameValue(value, other.value);
  });
}

/** The values of a constant, each of them. */
export function expanded({ dtype, shape, bytes }: Constant): Values {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const kind = { float32: Float32Array, int32: Int32Array }[dtype as string] ?? Uint8Array;
  const values = new kind(buffer);
  const size = shape.reduce((product, length) => product * length, 1);
  return values.length === size ? values : (values.slice(0, 0).constructor as typeof Float32Array).from({ length: size }, () => values[0] as number); // prettier-ignore
}
