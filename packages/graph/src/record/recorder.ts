import { FlatminError, type Supplies, type Supply } from '@flatmin/core';
import { watchStepInputs } from '@flatmin/core/internal';
import type * as tf from '@tensorflow/tfjs-core';
import { completeAttributes } from '../native/attributes.js';
import { type NativeBackend, nativeBackend, type OpAttribute } from '../native/nativeBackend.js';
import {
  type Constant,
  type EdgeOf,
  type EdgeType,
  expanded,
  type RecordedOp,
  type RecordedSegment,
  type Recording,
  type ReadBack,
} from './recording.js';
import type { Script } from './script.js';
import { Departure } from './departure.js';
import type { SupplyLog } from './supplyLog.js';

type DataId = tf.Tensor['dataId'];

/** What a recording starts from. */
export interface Start {
  /** The inputs, by edge. */
  readonly inputs: ReadonlyMap<string, tf.Tensor>;
  /**
   * Which tensors that were made before may be used as constants; others are refused, as they may be others at the next
   * step.
   */
  readonly isConstant: (tensor: tf.Tensor) => boolean;
  /** A recording of the same: then nothing is computed, and what departs from it throws a Departure. */
  readonly script?: Script;
}

/** Elements up to which the value of an op on constants is noted. */
const smallSize = 4096;
/** Elements up to which a read-back may decide what runs next. */
const decisionSize = 8;

/**
 * Notes every op that the native backend executes, and which data each tensor holds: `assign`, `clone` and `reshape`
 * move data. By a script nothing is executed: ops give tensors without values, and JavaScript does what it does.
 */
class Recorder implements Recording {
  readonly segments: { ops: RecordedOp[]; supplies: RecordedSegment['supplies'][number][]; read?: ReadBack }[] = [
    { ops: [], supplies: [] },
  ];
  readonly constants = new Map<string, Constant>();
  readonly computed = new Map<string, Constant>();
  readonly edges = new Map<string, EdgeType>();
  readonly #backend: NativeBackend;
  /** By data: ids are objects of their own, which never come to mean something else. */
  readonly #names = new Map<DataId, string>();
  readonly #isConstant: Start['isConstant'];
  /** Data that JavaScript made during the recording. */
  readonly #fresh = new WeakSet<DataId>();
  #count = 0;
  #isPaused = false;
  readonly #read: NativeBackend['readSync'];
  readonly #script: Script | undefined;
  /** True once JavaScript has read what only constants decide. */
  #hasReadComputed = false;

  constructor(backend: NativeBackend, { inputs, isConstant, script }: Start) {
    this.#backend = backend;
    this.#script = script;
    this.#isConstant = isConstant;
    this.#read = backend.readSync.bind(backend);
    for (const [name, tensor] of inputs) this.#note(tensor, name);
  }

  readonly edgeOf: EdgeOf = (tensor) => {
    const known = this.#names.get(tensor.dataId);
    if (known !== undefined) return known;
    if (!this.#fresh.has(tensor.dataId) && !this.#isConstant(tensor)) throw refusedConstant(tensor);
    const name = `constant${this.constants.size}`;
    this.constants.set(name, this.#valueOf(tensor));
    return this.#note(tensor, name);
  };

  /** Runs `run` with the backend's ops, read-backs and supplies noted. */
  watch<T>(log: SupplyLog, run: () => T): T {
    const backend = this.#backend;
    const { executeSingleOutput, executeMultipleOutputs, readSync, write } = backend;
    backend.executeSingleOutput = (op, attributes, inputs) => {
      const execute = () => [executeSingleOutput.call(backend, op, attributes, inputs)];
      return this.#run(op, attributes, inputs, execute)[0] as tf.Tensor;
    };
    backend.executeMultipleOutputs = (op, attributes, inputs, count) =>
      this.#run(op, attributes, inputs, () => executeMultipleOutputs.call(backend, op, attributes, inputs, count));
    backend.readSync = (dataId) => this.#noteRead(dataId);
    backend.write = (...made) => {
      const dataId = write.apply(backend, made);
      this.#fresh.add(dataId);
      return dataId;
    };
    try {
      return watchStepInputs((supply) => this.#noteSupply(log, supply), run);
    } finally {
      Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync, write });
    }
  }

  #run(
    op: string,
    given: readonly OpAttribute[],
    tensors: readonly tf.Tensor[],
    execute: () => tf.Tensor[],
  ): tf.Tensor[] {
    if (this.#isPaused) return execute();
    const inputs = tensors.map(this.edgeOf);
    const attributes = completeAttributes(op, given, () => this.#typesOf(inputs), this.#backend.binding);
    const index = this.#count++;
    const recorded = { name: `op${index}`, op, attributes, inputs };
    const outputs = this.#script === undefined ? execute() : this.#script.perform(index, recorded, this.#backend);
    this.#current.ops.push(recorded);
    outputs.forEach((output, i) => this.#note(output, i === 0 ? recorded.name : `${recorded.name}:${i}`));
    this.#noteComputed(recorded, outputs);
    return outputs;
  }

  #typesOf(inputs: readonly string[]): readonly EdgeType[] {
    return inputs.map((edge) => this.edges.get(edge) as EdgeType);
  }

  /** Keeps the value of a small tensor that constants alone decide. */
  #noteComputed({ name, inputs }: RecordedOp, outputs: readonly tf.Tensor[]): void {
    if (this.#script !== undefined) {
      const known = this.#script.recording.computed.get(name);
      if (known !== undefined) this.computed.set(name, known);
      return;
    }
    const [output] = outputs as [tf.Tensor];
    const isComputed = inputs.every((edge) => this.constants.has(edge) || this.computed.has(edge));
    if (isComputed && outputs.length === 1 && output.size <= smallSize) this.computed.set(name, this.#valueOf(output));
  }

  #noteRead(dataId: DataId): ReturnType<NativeBackend['readSync']> {
    const edge = this.#names.get(dataId);
    if (this.#isPaused || edge === undefined || this.constants.has(edge)) return this.#read(dataId);
    const known = this.computed.get(edge);
    if (known !== undefined) {
      this.#hasReadComputed = true;
      return expanded(known);
    }
    const values = this.#script?.read(this.segments.length - 1, edge) ?? this.#read(dataId);
    if (values.length > decisionSize) {
      throw new FlatminError(
        'CAPTURE_REFUSED',
        `a tensor of ${values.length} values is read back into JavaScript in the middle of a step (${edge}). A graph cannot follow ` +
          'what is computed from them: keep them tensors.',
      );
    }
    this.#current.read = { edge, values: [...values].join() };
    this.segments.push({ ops: [], supplies: [] });
    return values;
  }

  #noteSupply<T extends Supplies>(log: SupplyLog, supply: Supply<T>): T {
    this.#isPaused = true; // What makes a supply is not a part of the step.
    const { tensors, index } = log.next(supply);
    this.#isPaused = false;
    const edges = tensors.map((tensor, i) => this.#note(tensor, `supply${index}_${i}`));
    this.#current.supplies.push({ supply, edges });
    return tensors as T;
  }

  /** @throws Departure where a script did not come to its end, or somebody has swallowed what it threw. */
  finish(): void {
    const { length = this.#count } = this.#script ?? {};
    if (this.#count !== length) throw new Departure(`it ends after ${this.#count} operations of ${length}`);
  }

  get hasReadComputed(): boolean {
    return this.#hasReadComputed;
  }

  get #current() {
    return this.segments.at(-1) as (typeof this.segments)[number];
  }

  #note({ dataId, dtype, shape }: tf.Tensor, name: string): string {
    this.#names.set(dataId, name);
    this.edges.set(name, { dtype, shape });
    return name;
  }

  #valueOf({ dataId, dtype, shape }: tf.Tensor): Constant {
    const values = this.#read(dataId);
    // Ones and zeros as large as an activation are many, and one number.
    const isUniform = values.length > 1 && values.every((value) => Object.is(value, values[0]));
    const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT } = values;
    const length = isUniform ? BYTES_PER_ELEMENT : byteLength;
    return { dtype, shape, bytes: new Uint8Array(buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer) };
  }
}

function refusedConstant({ shape }: tf.Tensor): FlatminError {
  return new FlatminError(
    'CAPTURE_REFUSED',
    `the step uses a tensor [${shape.join(', ')}] that was made before it and is neither part of the batch nor a variable: at the next ` +
      'step it may be another one. Pass it with the batch, make it with stepInput(() => [...]) of @flatmin/core (held-out data with ' +
      'validationBatches of @flatmin/lets), make it a variable, or, if it never changes, set allowConstants.',
  );
}

/**
 * Runs a function and gives back what it did, and what it returned. Tensors made in JavaScript are constants, but for
 * what is `stepInput`.
 */
export function record<T>(
  start: Start,
  log: SupplyLog,
  run: (edgeOf: EdgeOf) => T,
): { readonly recording: Recording; readonly result: T } {
  const recorder = new Recorder(nativeBackend(), start);
  const result = recorder.watch(log, () => run(recorder.edgeOf));
  recorder.finish();
  return { recording: recorder, result };
}
