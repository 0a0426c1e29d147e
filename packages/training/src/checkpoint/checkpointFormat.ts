import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Checkpoint, type NamedTensor, tensorGroups } from './checkpoint.js';
import { crc32 } from './crc32.js';
import { fromExactJson, toExactJson } from './exactJson.js';
import type { RunState } from './runState.js';

/*
 * A checkpoint file, all integers little-endian:
 *   8 bytes   'flatmin' and the format version, 2
 *   4 bytes   length of the header
 *   4 bytes   CRC-32 of the header
 *   header    JSON: how the run stands, and name, dtype, shape and offset of each tensor
 *   data      the tensors' values one after the other; their length and CRC-32 stand in the header
 */
const magic = 'flatmin';
const version = 2;
const preludeLength = 16;
const bytesPerValue = { float32: 4, int32: 4, bool: 1 } as const;
type StoredType = keyof typeof bytesPerValue;

interface TensorEntry {
  readonly group: (typeof tensorGroups)[number];
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: number[];
  readonly offset: number;
}

interface Header {
  readonly run: RunState;
  readonly tensors: readonly TensorEntry[];
  readonly dataLength: number;
  readonly dataChecksum: number;
}

/**
 * The bytes of a checkpoint file, a tensor at a time: each is read from the backend when its piece is taken, twice in
 * all, as the header tells a checksum of what follows it. Beside the backend's own memory this needs that of the
 * largest tensor.
 */
export async function* checkpointPieces(checkpoint: Checkpoint): AsyncGenerator<Uint8Array> {
  const tensors: TensorEntry[] = [];
  let [dataLength, dataChecksum] = [0, 0];
  for (const { group, name, tensor, dtype } of storedTensors(checkpoint)) {
    const bytes = bytesOf(await tensor.data(), dtype);
    tensors.push({ group, name, dtype, shape: tensor.shape, offset: dataLength });
    dataChecksum = crc32(bytes, dataChecksum);
    dataLength += bytes.byteLength;
  }
  const header: Header = { run: checkpoint.run, tensors, dataLength, dataChecksum };
  const json = new TextEncoder().encode(toExactJson(header));
  const prelude = new Uint8Array(preludeLength);
  prelude.set([...new TextEncoder().encode(magic), version]);
  const view = new DataView(prelude.buffer);
  view.setUint32(8, json.byteLength, true);
  view.setUint32(12, crc32(json), true);
  yield prelude;
  yield json;
  for (const { tensor, dtype } of storedTensors(checkpoint)) yield bytesOf(await tensor.data(), dtype);
}

/** The bytes of a checkpoint file, as one. */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array> {
  return gather(checkpointPieces(checkpoint));
}

interface StoredTensor extends NamedTensor {
  readonly group: TensorEntry['group'];
  readonly dtype: StoredType;
}

function* storedTensors(checkpoint: Checkpoint): Generator<StoredTensor> {
  for (const group of tensorGroups) {
    for (const { name, tensor } of checkpoint[group] ?? []) {
      yield { group, name, tensor, dtype: storedType(name, tensor) };
    }
  }
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/**
 * The values in the bytes of their type. The cpu backend may hold a float32 tensor as integers, if it came from some.
 */
function bytesOf(values: Float32Array | Int32Array | Uint8Array, dtype: StoredType): Uint8Array {
  // By name: an array may be of another realm.
  const isOfType = Object.prototype.toString.call(values) === `[object ${arrays[dtype].name}]`;
  const typed: Float32Array | Int32Array | Uint8Array = isOfType ? values : arrays[dtype].from(values);
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

/**
 * The checkpoint in `bytes`.
 *
 * @param source names it in messages.
 * @throws FlatminError STATE_INVALID for what is none, is cut off, was changed, or is of another version.
 */
export function decodeCheckpoint(bytes: Uint8Array, source: string): Checkpoint {
  const decoding = decode(source);
  let at = 0;
  for (let asked = decoding.next(); ;) {
    if (asked.done === true) return asked.value;
    // A copy, which starts at offset 0 of a buffer of its own, as arrays of four-byte values need it.
    const piece = new Uint8Array(bytes.subarray(at, at + asked.value));
    at += piece.byteLength;
    asked = decoding.next(piece);
  }
}

/**
 * The checkpoint in a stream: in memory are its tensors and no more than a few pieces of the stream.
 *
 * @throws FlatminError STATE_INVALID as {@link decodeCheckpoint} does, and what the stream throws.
 */
export async function decodeCheckpointStream(pieces: AsyncIterable<Uint8Array>, source: string): Promise<Checkpoint> {
  const decoding = decode(source);
  const taking = new Taking(pieces);
  try {
    for (let asked = decoding.next(); ;) {
      if (asked.done === true) return asked.value;
      asked = decoding.next(await taking.take(asked.value));
    }
  } finally {
    decoding.return(undefined as never);
    await taking.end();
  }
}

/**
 * Reads a checkpoint: asks for so many bytes, gets them, or fewer where there are no more, in a buffer of their own.
 */
function* decode(source: string): Generator<number, Checkpoint, Uint8Array> {
  let length = 0;
  const refuse = (what: string): never => {
    throw new FlatminError('STATE_INVALID', `${source} ${what}. Use an earlier checkpoint, or start the run again.`);
  };
  function* take(count: number): Generator<number, Uint8Array, Uint8Array> {
    const bytes = yield count;
    length += bytes.byteLength;
    if (bytes.byteLength < count) {
      refuse(`is cut off: it has ${length} bytes of at least ${length - bytes.byteLength + count}`);
    }
    return bytes;
  }
  const { run, tensors, dataChecksum } = yield* decodeHeader(take, refuse);
  const read: Record<TensorEntry['group'], NamedTensor[]> = { model: [], optimizer: [], best: [], evaluated: [] };
  let isWhole = false;
  try {
    let checksum = 0;
    for (const { group, name, dtype, shape } of tensors) {
      const bytes = yield* take(tf.util.sizeFromShape(shape) * bytesPerValue[dtype]);
      checksum = crc32(bytes, checksum);
      read[group].push({ name, tensor: tf.tensor(new arrays[dtype](bytes.buffer as ArrayBuffer), shape, dtype) });
    }
    if ((yield 1).byteLength > 0) refuse('is damaged: bytes follow its end');
    if (checksum !== dataChecksum) refuse('is damaged: the checksum of its data does not match');
    isWhole = true;
  } finally {
    if (!isWhole) tf.dispose(Object.values(read).flatMap((list) => list.map(({ tensor }) => tensor)));
  }
  const { evaluated, ...others } = read;
  return { run, ...others, ...(evaluated.length > 0 && { evaluated }) };
}

function* decodeHeader(
  take: (count: number) => Generator<number, Uint8Array, Uint8Array>,
  refuse: (what: string) => never,
): Generator<number, Header, Uint8Array> {
  const prelude = yield* take(preludeLength);
  if (new TextDecoder('latin1').decode(prelude.subarray(0, magic.length)) !== magic) {
    refuse('is not a checkpoint of flatmin');
  }
  if (prelude[magic.length] !== version) {
    refuse(`is of format version ${prelude[magic.length]}, and this version of flatmin reads ${version}`);
  }
  const view = new DataView(prelude.buffer);
  const json = yield* take(view.getUint32(8, true));
  if (crc32(json) !== view.getUint32(12, true)) refuse('is damaged: the checksum of its header does not match');
  return fromExactJson(new TextDecoder().decode(json)) as Header;
}

/** Takes bytes from a stream by number. */
class Taking {
  readonly #pieces: AsyncIterator<Uint8Array>;
  /** What came and was not taken. */
  #rest: Uint8Array = new Uint8Array();

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** So many bytes in a buffer of their own; fewer at the end of the stream. What is not there is not allocated. */
  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.#rest.byteLength === 0) {
        const next = await this.#pieces.next();
        if (next.done === true) break;
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.byteLength);
      missing -= part.byteLength;
      parts.push(part);
    }
    return concatenate(parts, count - missing);
  }

  async end(): Promise<void> {
    await this.#pieces.return?.();
  }
}

function storedType(name: string, tensor: tf.Tensor): StoredType {
  if (tensor.dtype in bytesPerValue) return tensor.dtype as StoredType;
  throw new FlatminError(
    'STATE_INVALID',
    `a checkpoint cannot hold ${name}, which is of type ${tensor.dtype}; it holds float32, int32 and bool.`,
  );
}

/** All pieces of a stream as one. */
async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return concatenate(
    all,
    all.reduce((sum, { byteLength }) => sum + byteLength, 0),
  );
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
