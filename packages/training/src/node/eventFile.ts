import type { Clock } from '@flatmin/core';
import { systemClock } from '@flatmin/core/internal';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import protobuf from 'protobufjs';
import { crc32c } from '../checkpoint/crc32.js';
import type { PluginData } from './hparams.js';

/*
 * The fields of TensorFlow's own messages that are written here, by their published numbers
 * (tensorflow/core/util/event.proto).
 */
const text = `
syntax = "proto3";
package tensorflow;

message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
message PluginData { string plugin_name = 1; bytes content = 2; }
message SummaryMetadata { PluginData plugin_data = 1; }
message Dim { int64 size = 1; }
message TensorShape { repeated Dim dim = 2; }
message Tensor { int32 dtype = 1; TensorShape tensor_shape = 2; repeated bytes string_val = 8; }
message Value {
  string tag = 1; SummaryMetadata metadata = 9;
  oneof value { float simple_value = 2; Image image = 4; Tensor tensor = 8; }
}
message Summary { repeated Value value = 1; }
message SessionLog { int32 status = 1; }
message Event {
  double wall_time = 1; int64 step = 2;
  oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
}
`;

/** The message of an event file. */
export const eventType = protobuf.parse(text, { keepCase: true }).root.lookupType('tensorflow.Event');

/** What has no value but its metadata: DT_FLOAT, of no element. */
const nothing = { dtype: 1, tensor_shape: { dim: [{ size: 0 }] } };

/** DT_STRING. */
const stringType = 7;

/** SessionLog.START. */
const start = 1;

/** A picture as TensorBoard takes it. */
export interface EncodedImage {
  readonly height: number;
  readonly width: number;
  /** The bytes of a PNG file, in color. */
  readonly png: Uint8Array;
}

/** A file of TensorBoard events that grows; each event is on its way to the disk when a call returns. */
export class EventFile {
  readonly path: string;
  readonly #file: number;
  readonly #clock: Clock;

  /**
   * A new file in a directory, which is made when needed: TensorBoard shows all files of a directory as one run.
   *
   * @param firstStep of this file: what files before it have of this step and later ones was done again, and is shown
   *   no longer.
   * @param clock dates the events.
   */
  constructor(directory: string, firstStep: number, clock: Clock = systemClock) {
    this.#clock = clock;
    mkdirSync(directory, { recursive: true });
    const second = Math.floor(clock.now() / 1000);
    // TensorBoard takes them in the order of their names.
    this.path = path.join(directory, `events.out.tfevents.${second}.${hostname()}.${process.pid}.${++opened}.flatmin`);
    this.#file = openSync(this.path, 'wx');
    this.#write({ file_version: 'brain.Event:2' });
    this.#write({ step: firstStep, session_log: { status: start } });
  }

  scalars(step: number, values: Readonly<Record<string, number>>): void {
    const value = Object.entries(values).map(([tag, simple_value]) => ({ tag, simple_value }));
    if (value.length > 0) this.#write({ step, summary: { value } });
  }

  image(step: number, tag: string, { height, width, png }: EncodedImage): void {
    const image = { height, width, colorspace: 3, encoded_image_string: png };
    this.#write({ step, summary: { value: [{ tag, image }] } });
  }

  pluginData(step: number, { tag, plugin, content }: PluginData): void {
    const metadata = { plugin_data: { plugin_name: plugin, content } };
    this.#write({ step, summary: { value: [{ tag, metadata, tensor: nothing }] } });
  }

  /** Text in Markdown, for the tab of that name. */
  markdown(step: number, tag: string, written: string): void {
    const metadata = { plugin_data: { plugin_name: 'text' } };
    const tensor = { dtype: stringType, tensor_shape: {}, string_val: [new TextEncoder().encode(written)] };
    this.#write({ step, summary: { value: [{ tag, metadata, tensor }] } });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(event: object): void {
    const message = eventType.create({ wall_time: this.#clock.now() / 1000, ...event });
    writeSync(this.#file, record(eventType.encode(message).finish()));
  }
}

let opened = 0;

/** Bytes as a record: their length, its checksum, the bytes, theirs. All integers little-endian. */
function record(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + 16);
  const view = new DataView(whole.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, masked(crc32c(whole.subarray(0, 8))), true);
  whole.set(bytes, 12);
  view.setUint32(12 + bytes.length, masked(crc32c(bytes)), true);
  return whole;
}

/** TensorFlow's mask: a checksum over bytes that hold checksums is weak otherwise. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
