import type * as tf from '@tensorflow/tfjs-core';
import { typeOf } from '../native/attributes.js';
import { Departure } from './departure.js';
import type { NativeBackend, OpAttribute } from '../native/nativeBackend.js';
import type { Constant, EdgeType, RecordedOp, Recording } from './recorder.js';

type Values = ReturnType<NativeBackend['readSync']>;

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

function valuesOf(dtype: tf.DataType, numbers: ArrayLike<number>): Values {
  if (dtype === 'float32') return Float32Array.from(numbers);
  return dtype === 'int32' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}

/** The values of a constant, each of them. */
export function expanded({ dtype, shape, bytes }: Constant): Values {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const kind = { float32: Float32Array, int32: Int32Array }[dtype as string] ?? Uint8Array;
  const values = new kind(buffer);
  const size = shape.reduce((product, length) => product * length, 1);
  return values.length === size ? values : (values.slice(0, 0).constructor as typeof Float32Array).from({ length: size }, () => values[0] as number); // prettier-ignore
}

/** An op of a script, and what it gave. */
interface Line {
  readonly recorded: RecordedOp;
  readonly outputs: readonly { readonly id: number; readonly dtype: number; readonly shape: number[] }[];
}

/** A recorded step as a text by which the same step is rehearsed: what each op gave, in shape and type, and what was read. */
export class Script {
  readonly recording: Recording;
  readonly #lines: readonly Line[];
  readonly #reads: readonly { readonly edge: string; readonly values: string }[];

  constructor(recording: Recording) {
    this.recording = recording;
    const { segments } = recording;
    this.#lines = segments.flatMap(({ ops }) =>
      ops.map((recorded) => ({ recorded, outputs: outputsOf(recorded, recording) })),
    );
    this.#reads = segments.flatMap(({ read }) => (read === undefined ? [] : [read]));
  }

  /** The operations in all. */
  get length(): number {
    return this.#lines.length;
  }

  /**
   * Tensors without values in place of what op `index` gives.
   *
   * @throws Departure where another op stands there.
   */
  perform(index: number, op: RecordedOp, backend: NativeBackend): tf.Tensor[] {
    const line = this.#lines[index];
    if (line === undefined || !sameOp(op, line.recorded)) {
      const was = line?.recorded.op ?? 'the end';
      throw new Departure(`operation ${index} is ${op.op}, ${was === op.op ? 'of other inputs' : `and was ${was}`}`);
    }
    return line.outputs.map((data) => backend.createOutputTensor(data));
  }

  /** What read-back `index` gave. */
  read(index: number, edge: string): Values {
    const read = this.#reads[index];
    if (read?.edge !== edge) throw new Departure(`it reads ${edge} back`);
    return valuesOf((this.recording.edges.get(edge) as EdgeType).dtype, read.values.split(',').map(Number));
  }
}

/** Outputs without data: TensorFlow knows none by -1. */
function outputsOf({ name }: RecordedOp, { edges }: Recording): Line['outputs'] {
  const outputs: { id: number; dtype: number; shape: number[] }[] = [];
  for (let i = 0, edge = name; edges.has(edge); edge = `${name}:${++i}`) {
    const { dtype, shape } = edges.get(edge) as EdgeType;
    outputs.push({ id: -1, dtype: typeOf(dtype), shape: [...shape] });
  }
  return outputs;
}
