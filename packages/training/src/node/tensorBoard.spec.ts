import { sam } from '@flatmin/sam';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import protobuf from 'protobufjs';
import { crc32c } from '../checkpoint/crc32.js';
import { tinyDataSet, tinyModel } from '../loop/tinyRun.fixture.js';
import { train } from '../loop/train.js';
import { EventFile, eventType } from './eventFile.js';
import { tensorBoard } from './tensorBoard.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-events-'));
});
afterEach(() => rm(directory, { recursive: true }));

interface Value {
  readonly tag: string;
  readonly simple_value?: number;
  readonly image?: { height: number; width: number; encoded_image_string: Uint8Array };
}
interface Event {
  readonly wall_time?: number;
  readonly step?: number;
  readonly file_version?: string;
  readonly summary?: { readonly value: readonly Value[] };
  readonly session_log?: { readonly status: number };
}

/** The events of the only file, each record's checksums verified bit by bit. */
async function eventsOf(): Promise<Event[]> {
  const names = await readdir(directory);
  expect(names).toHaveLength(1);
  expect(names[0]).toMatch(/^events\.out\.tfevents\.\d{10}\./);
  const bytes = await readFile(path.join(directory, names[0] as string));
  const events: Event[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc(data));
    events.push(eventType.toObject(eventType.decode(data), { longs: Number }));
    at += length + 16;
  }
  return events;
}

/*
 * As TensorBoard 2.21 publishes them: summary.proto, tensor.proto, struct.proto and
 * plugins/hparams/{api,plugin_data}.proto.
 */
const published = protobuf.parse(
  `syntax = "proto3";
  enum Status { STATUS_UNKNOWN = 0; STATUS_SUCCESS = 1; STATUS_FAILURE = 2; STATUS_RUNNING = 3; }
  message Value { oneof kind { int32 null_value = 1; double number_value = 2; string string_value = 3; bool bool_value = 4; } }
  message SessionStartInfo { map<string, Value> hparams = 1; string model_uri = 2; string monitor_url = 3; string group_name = 4; double start_time_secs = 5; }
  message SessionEndInfo { Status status = 1; double end_time_secs = 2; }
  message HParamsPluginData {
    int32 version = 1;
    oneof data { bytes experiment = 2; SessionStartInfo session_start_info = 3; SessionEndInfo session_end_info = 4; }
  }
  message PluginData { string plugin_name = 1; bytes content = 2; }
  message SummaryMetadata { PluginData plugin_data = 1; string display_name = 2; string summary_description = 3; int32 data_class = 4; }
  message Dim { int64 size = 1; string name = 2; }
  message TensorShape { repeated Dim dim = 2; bool unknown_rank = 3; }
  message Tensor { int32 dtype = 1; TensorShape tensor_shape = 2; int32 version_number = 3; bytes tensor_content = 4; repeated bytes string_val = 8; }
  message SummaryValue { string tag = 1; float simple_value = 2; string node_name = 7; Tensor tensor = 8; SummaryMetadata metadata = 9; }
  message Summary { repeated SummaryValue value = 1; }
  message Event { double wall_time = 1; int64 step = 2; Summary summary = 5; }`,
  { keepCase: true },
).root;

/** What the only file tells plugins; then it is removed. */
async function pluginDataOf(): Promise<{ step?: number; tag: string; data: unknown }[]> {
  const [name] = await readdir(directory);
  const bytes = await readFile(path.join(directory, name as string));
  await rm(path.join(directory, name as string));
  const decoded = (type: string, data: Uint8Array): Record<string, unknown> => {
    const message = published.lookupType(type);
    return message.toObject(message.decode(data), { longs: Number, enums: String });
  };
  const told: { step?: number; tag: string; data: unknown }[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    const { step, summary } = decoded('Event', bytes.subarray(at + 12, at + 12 + length)) as unknown as Told;
    for (const { tag, metadata, tensor } of summary?.value ?? []) {
      if (metadata.plugin_data.plugin_name === 'text') {
        // DT_STRING, a scalar.
        const { string_val: texts, ...kind } = tensor as { readonly string_val: readonly Uint8Array[] };
        expect(kind).toEqual({ dtype: 7, tensor_shape: {} });
        told.push({
          ...(step !== undefined && { step }),
          tag,
          data: texts.map((text) => Buffer.from(text).toString()),
        });
        continue;
      }
      // A tensor of floats that holds none.
      expect(tensor).toEqual({ dtype: 1, tensor_shape: { dim: [{ size: 0 }] } });
      expect(metadata.plugin_data.plugin_name).toBe('hparams');
      told.push({
        ...(step !== undefined && { step }),
        tag,
        data: decoded('HParamsPluginData', metadata.plugin_data.content),
      });
    }
    at += length + 16;
  }
  return told;
}

interface Told {
  readonly step?: number;
  readonly summary?: {
    readonly value: readonly {
      readonly tag: string;
      readonly metadata: { readonly plugin_data: { readonly plugin_name: string; readonly content: Uint8Array } };
      readonly tensor: unknown;
    }[];
  };
}

/** As in TensorFlow's crc32c.h: rotated right by 15 bits, plus a constant; with numbers that do not overflow. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = BigInt(crc32c(bytes));
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

it('checksums are those of RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

describe('EventFile', () => {
  it('begins with its version, then has what was written', async () => {
    const file = new EventFile(directory, 3);
    file.scalars(3, { a: 0.5, b: -2 });
    file.scalars(4, {});
    file.image(5, 'c', { height: 1, width: 2, png: Uint8Array.of(7) });
    file.close();
    const events = await eventsOf();
    expect(events.map(({ wall_time: _, ...event }) => event)).toEqual([
      { file_version: 'brain.Event:2' },
      { step: 3, session_log: { status: 1 } },
      { step: 3, summary: { value: [{ tag: 'a', simple_value: 0.5 }, { tag: 'b', simple_value: -2 }] } }, // prettier-ignore
      {
        step: 5,
        summary: {
          value: [{ tag: 'c', image: { height: 1, width: 2, colorspace: 3, encoded_image_string: Buffer.of(7) } }],
        },
      },
    ]);
  });
});

describe('tensorBoard', () => {
  it('writes what a run logs and what it is judged by', async () => {
    const [dataset, model] = [tinyDataSet(), tinyModel()];
    const optimizer = sam({ rho: 0.05, base: { use: 'sgd', learningRate: 0.1 } });
    const callbacks = [tensorBoard(directory)];
    const { history } = await train({ dataset, model, optimizer, epochs: 2, batchSize: 12, logEvery: 2, callbacks });
    optimizer.dispose();
    model.dispose();
    const values = (await eventsOf()).flatMap(({ step, summary }) =>
      (summary?.value ?? []).map(({ tag, simple_value }) => ({ step, tag, simple_value })),
    );
    const series = (tag: string) => values.filter((value) => value.tag === tag);
    // 36 examples are 3 steps an epoch; the end of an epoch logs too.
    expect(series('step/loss').map(({ step }) => step)).toEqual([2, 3, 4, 6]);
    expect(series('step/rho').map(({ simple_value }) => simple_value)).toEqual(Array(4).fill(Math.fround(0.05)));
    expect(series('step/gradient_evaluations').map(({ simple_value }) => simple_value)).toEqual([4, 6, 8, 12]);
    expect(series('optimizer/perturbationNorm')).toHaveLength(4);
    // What a step reports is there under one name.
    expect([...new Set(values.map(({ tag }) => tag))].filter((tag) => /^(step|optimizer)/.test(tag)).sort()).toEqual([
      'optimizer/perturbationNorm',
      'step/gradient_evaluations',
      'step/learning_rate',
      'step/loss',
      'step/rho',
    ]);
    expect(series('test/accuracy').map(({ simple_value }) => simple_value)).toEqual(
      history.map(({ test }) => Math.fround(test?.accuracy as number)),
    );
    expect(series('batch/images')).toEqual([]); // Points in the plane are not images.
  });

  it('shows the first images of the first batch of an epoch', async () => {
    const callbacks = tensorBoard(directory, { images: 3 });
    const event = { step: 1, totalSteps: 9, epoch: 1, learningRate: 0.1, y: tf.tensor1d([0]) };
    const x = tf.ones([5, 8, 6, 1]);
    await callbacks.onBatch?.({ ...event, x });
    await callbacks.onBatch?.({ ...event, step: 2, x });
    await callbacks.onBatch?.({ ...event, step: 4, epoch: 2, x });
    await callbacks.onEnd?.({ how: 'finished' });
    tf.dispose([x, event.y]);
    const images = (await eventsOf()).flatMap(({ step, summary }) => summary?.value.map(({ image }) => ({ step, ...image })) ?? []); // prettier-ignore
    expect(images.map(({ step }) => step)).toEqual([1, 4]);
    // Two in a row, 7 times enlarged, with 2 pixels around each.
    expect(images[0]).toMatchObject({ width: 2 * (6 * 7 + 2) + 2, height: 2 * (8 * 7 + 2) + 2 });
    expect([...(images[0]?.encoded_image_string ?? [])].slice(1, 4)).toEqual([...Buffer.from('PNG')]);
  });

  it('tells the HParams tab settings and end of a run, and no end of one that may go on', async () => {
    const clock = { now: () => 12_500, elapsed: () => 0 };
    const hparams = { 'optimizer.rho': 0, 'optimizer.use': 'sam', eager: false, batchSize: 64 };
    const [x, y] = [tf.zeros([1, 2]), tf.tensor1d([0])];
    const told: unknown[] = [];
    for (const how of ['finished', 'diverged', 'stopped', 'failed'] as const) {
      const callbacks = tensorBoard(directory, { images: 0, clock, hparams });
      await callbacks.onBatch?.({ step: 7, totalSteps: 9, epoch: 2, learningRate: 0.1, x, y });
      await callbacks.onBatch?.({ step: 8, totalSteps: 9, epoch: 2, learningRate: 0.1, x, y });
      await callbacks.onEnd?.({ how });
      told.push((await pluginDataOf()).map(({ step, tag, data }) => [step, tag, data]));
    }
    tf.dispose([x, y]);
    const began = [7, '_hparams_/session_start_info', {
      session_start_info: {
        hparams: {
          'optimizer.rho': { number_value: 0 }, 'optimizer.use': { string_value: 'sam' },
          eager: { bool_value: false }, batchSize: { number_value: 64 },
        },
        start_time_secs: 12.5,
      },
    }]; // prettier-ignore
    const config = [7, 'config', ['    optimizer.rho: 0\n    optimizer.use: sam\n    eager: false\n    batchSize: 64']];
    const ended = (status: string) => [8, '_hparams_/session_end_info', { session_end_info: { status, end_time_secs: 12.5 } }]; // prettier-ignore
    expect(told).toEqual([
      [began, config, ended('STATUS_SUCCESS')],
      [began, config, ended('STATUS_FAILURE')],
      [began, config],
      [began, config],
    ]);
  });

  it('forgets the steps that a resumed run does again', async () => {
    const callbacks = tensorBoard(directory, { images: 0 });
    const [x, y] = [tf.zeros([1, 2]), tf.tensor1d([0])];
    await callbacks.onBatch?.({ step: 7, totalSteps: 9, epoch: 2, learningRate: 0.1, x, y });
    await callbacks.onEnd?.({ how: 'finished' });
    tf.dispose([x, y]);
    // As TensorBoard understands it since version 2 of event files: of step 7 and later, what files before this have is
    // void.
    expect((await eventsOf())[1]).toMatchObject({ step: 7, session_log: { status: 1 } });
  });
});
