import type * as tf from '@tensorflow/tfjs-core';
import { typeOf } from '../native/attributes.js';
import { Departure } from './departure.js';
import type { NativeBackend } from '../native/nativeBackend.js';
import { type EdgeType, type RecordedOp, type Recording, sameOp, type Values } from './recording.js';

function valuesOf(dtype: tf.DataType, numbers: ArrayLike<number>): Values {
  if (dtype === 'float32') return Float32Array.from(numbers);
  return dtype === 'int32' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}

/** An op of a script, and what it gave. */
interface Line {
  readonly recorded: RecordedOp;
  readonly outputs: readonly { readonly id: number; readonly dtype: number; readonly shape: number[] }[];
}

/**
 * A recorded step as a text by which the same step is rehearsed: what each op gave, in shape and type, and what was
 * read.
 */
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
