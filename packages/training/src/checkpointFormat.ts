import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Checkpoint, tensorGroups } from './checkpoint.js';
import { crc32 } from './crc32.js';
import { fromExactJson, toExactJson } from './exactJson.js';
import type { NamedTensor } from './optimizer.js';
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

/** The bytes of a checkpoint file. */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array> {
  const tensors: TensorEntry[] = [];
  const chunks: Uint8Array[] = [];
  let dataLength = 0;
  for (const group of tensorGroups) {
    for (const { name, tensor } of checkpoint[group]) {
      const dtype = storedType(name, tensor);
      const bytes = bytesOf(await tensor.data(), dtype);
      tensors.push({ group, name, dtype, shape: tensor.shape, offset: dataLength });
      chunks.push(bytes);
      dataLength += bytes.byteLength;
    }
  }
  const data = concatenate(chunks, dataLength);
  const header: Header = { run: checkpoint.run, tensors, dataLength, dataChecksum: crc32(data) };
  const json = new TextEncoder().encode(toExactJson(header));
  const prelude = new Uint8Array(preludeLength);
  prelude.set([...new TextEncoder().encode(magic), version]);
  const view = new DataView(prelude.buffer);
  view.setUint32(8, json.byteLength, true);
  view.setUint32(12, crc32(json), true);
  return concatenate([prelude, json, data], preludeLength + json.byteLength + dataLength);
}

/** The values in the bytes of their type. The cpu backend may hold a float32 tensor as integers, if it came from some. */
function bytesOf(values: Float32Array | Int32Array | Uint8Array, dtype: StoredType): Uint8Array {
  const typed = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype].from(values);
  return new Uint8Array(typed.buffer);
}

/**
 * The checkpoint in `bytes`.
 *
 * @param source names it in messages.
 * @throws FlatminError STATE_INVALID for what is none, is cut off, was changed, or is of another version.
 */
export function decodeCheckpoint(bytes: Uint8Array, source: string): Checkpoint {
  const header = decodeHeader(bytes, source);
  const start = bytes.byteLength - header.dataLength;
  const read = (group: TensorEntry['group']): NamedTensor[] =>
    header.tensors.filter((entry) => entry.group === group).map((entry) => readTensor(entry, bytes, start));
  return { run: header.run, model: read('model'), optimizer: read('optimizer'), best: read('best') };
}

function decodeHeader(bytes: Uint8Array, source: string): Header {
  const refuse = (what: string): never => {
    throw new FlatminError('STATE_INVALID', `${source} ${what}. Use an earlier checkpoint, or start the run again.`);
  };
  const expectLength = (length: number): void => {
    if (bytes.byteLength < length) refuse(`is cut off: it has ${bytes.byteLength} bytes of at least ${length}`);
  };
  expectLength(preludeLength);
  if (new TextDecoder('latin1').decode(bytes.subarray(0, magic.length)) !== magic)
    refuse('is no checkpoint of flatmin');
  if (bytes[magic.length] !== version) {
    refuse(`is of format version ${bytes[magic.length]}, and this version of flatmin reads ${version}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataStart = preludeLength + view.getUint32(8, true);
  expectLength(dataStart);
  const json = bytes.subarray(preludeLength, dataStart);
  if (crc32(json) !== view.getUint32(12, true)) refuse('is damaged: the checksum of its header does not match');
  const header = fromExactJson(new TextDecoder().decode(json)) as Header;
  expectLength(dataStart + header.dataLength);
  if (bytes.byteLength !== dataStart + header.dataLength) refuse('is damaged: bytes follow its end');
  if (crc32(bytes.subarray(dataStart)) !== header.dataChecksum)
    refuse('is damaged: the checksum of its data does not match');
  return header;
}

function readTensor({ name, dtype, shape, offset }: TensorEntry, bytes: Uint8Array, start: number): NamedTensor {
  const length = tf.util.sizeFromShape(shape) * bytesPerValue[dtype];
  // A copy starts at offset 0 of a buffer of its own, as arrays of four-byte values need it; Buffer's slice is no copy.
  const values = Uint8Array.from(bytes.subarray(start + offset, start + offset + length));
  const typed =
    dtype === 'float32' ? new Float32Array(values.buffer) : dtype === 'int32' ? new Int32Array(values.buffer) : values;
  return { name, tensor: tf.tensor(typed, shape, dtype) };
}

function storedType(name: string, tensor: tf.Tensor): StoredType {
  if (tensor.dtype in bytesPerValue) return tensor.dtype as StoredType;
  throw new FlatminError(
    'STATE_INVALID',
    `a checkpoint cannot hold ${name}, which is of type ${tensor.dtype}; it holds float32, int32 and bool.`,
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
