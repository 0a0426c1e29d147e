import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import * as nodeFiles from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Checkpoint, disposeCheckpoint } from '../checkpoint/checkpoint.js';
import type { RunState } from '../checkpoint/runState.js';
import { checkpointDirectory } from './checkpointDirectory.js';
import { hostName } from './processes.js';
import type { FileActions } from './writeWhole.js';

let directory = '';
let tensors = 0;
let checkpoint: Checkpoint;
let lines: string[] = [];
const fileOf = (step: number): string => path.join(directory, `checkpoint-${String(step).padStart(6, '0')}.flatmin`);
const at = (steps: number): Checkpoint => ({ ...checkpoint, run: { ...checkpoint.run, steps } });
const open = (keep = 3, files?: FileActions) =>
  checkpointDirectory(directory, { keep, warn: (line) => void lines.push(line) }, files);
const saved = async (): Promise<string[]> => (await readdir(directory)).sort();

/** The step of the latest checkpoint that can be used. */
async function latestStep(): Promise<number | undefined> {
  const read = await open().latest();
  disposeCheckpoint(read);
  return read?.run.steps;
}

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
  tensors = tf.memory().numTensors;
  lines = [];
  checkpoint = {
    run: { epoch: 2, steps: 30 } as RunState,
    model: [{ name: 'mlp/kernel', tensor: tf.tensor1d([1.5, -2]) }],
    optimizer: [{ name: 'count', tensor: tf.scalar(5, 'int32') }],
    best: [],
  };
});
afterEach(async () => {
  disposeCheckpoint(checkpoint);
  await rm(directory, { recursive: true });
  expect(tf.memory().numTensors).toBe(tensors);
});

describe('checkpointDirectory', () => {
  it('makes the directory, names files by step, keeps the last ones', async () => {
    const made = path.join(directory, 'made/when/needed');
    const store = checkpointDirectory(made, { keep: 2 });
    expect(await store.latest()).toBeUndefined();
    for (const step of [8, 90, 1_000_000, 1_000_001]) await store.save(at(step));
    expect((await readdir(made)).sort()).toEqual(['checkpoint-1000000.flatmin', 'checkpoint-1000001.flatmin']);
    const read = await store.latest();
    expect(read?.run).toEqual({ epoch: 2, steps: 1_000_001 });
    expect([...(read?.model[0]?.tensor.dataSync() ?? [])]).toEqual([1.5, -2]);
    disposeCheckpoint(read);
  });

  it('removes checkpoints of a course that the run left, and what a crash left half written', async () => {
    for (const step of [10, 20, 30]) await open().save(at(step));
    await writeFile(`${fileOf(40)}.${spawnSync(process.execPath, ['-v']).pid}.tmp`, 'half');
    await writeFile(path.join(directory, 'notes.txt'), 'mine');
    expect(await latestStep()).toBe(30);
    await open().save(at(15));
    expect(await saved()).toEqual(['checkpoint-000010.flatmin', 'checkpoint-000015.flatmin', 'notes.txt']);
  });

  it('case 28: leaves what another live process is writing, here or, so far as one can tell, on another host', async () => {
    const half = async (name: string, hours = 0): Promise<string> => {
      const file = `${fileOf(40)}.${name}.tmp`;
      await writeFile(file, 'half');
      await utimes(file, Date.now() / 1000 - 3600 * hours, Date.now() / 1000 - 3600 * hours);
      return path.basename(file);
    };
    const gone = spawnSync(process.execPath, ['-v']).pid;
    const alive = await half(`${hostName}~${process.ppid}`, 9);
    const elsewhere = await half(`far-away~${gone}`);
    for (const name of [`${hostName}~${gone}`, `${hostName}~${process.pid}`, `${gone}`]) await half(name);
    await half(`elsewhere~${process.ppid}`, 2);
    await writeFile(path.join(directory, 'mine.tmp'), 'a name that is not ours');
    await open().save(at(15));
    expect(await saved()).toEqual(['checkpoint-000015.flatmin', elsewhere, alive, 'mine.tmp'].sort());
  });

  it('goes past files that are cut off, damaged, foreign or of another version, and says so in one line', async () => {
    for (const step of [10, 20, 30, 40, 50]) await open(9).save(at(step));
    const whole = await readFile(fileOf(20));
    await writeFile(fileOf(20), whole.subarray(0, whole.length - 1));
    const flipped = Buffer.from(await readFile(fileOf(30)));
    flipped[flipped.length - 1] = (flipped[flipped.length - 1] as number) ^ 1;
    await writeFile(fileOf(30), flipped);
    await writeFile(fileOf(40), 'something else altogether');
    const older = Buffer.from(whole);
    older[7] = 1;
    await writeFile(fileOf(50), older);
    expect(await latestStep()).toBe(10);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^flatmin: resuming from .*000010.flatmin, because .*000050.flatmin is of format version 1/,
    );
    expect(lines[0]).toMatch(
      /000040.flatmin is not a checkpoint of flatmin; .*000030.flatmin is damaged: the checksum/,
    );
    expect(lines[0]).toMatch(/000020.flatmin is cut off: it has \d+ bytes of at least \d+$/);
    expect(lines[0]).not.toContain('\n');
  });

  it('refuses where none is whole: a run must not start again unasked', async () => {
    await open().save(at(10));
    await writeFile(fileOf(10), '');
    await expect(open().latest()).rejects.toMatchObject({ code: 'STATE_INVALID' });
    await expect(open().latest()).rejects.toThrow(/no checkpoint in .* can be used: .*000010.flatmin is cut off/);
  });

  it.each([0, 1.5, NaN])('refuses to keep %p', (keep) => {
    expect(() => open(keep)).toThrow(/keep is .*1 or more/);
  });
});

describe('a write that fails', () => {
  /** Files on a disk that is full after so many bytes. */
  const fullDisk: FileActions = {
    ...nodeFiles,
    open: async (...args) => {
      const handle = await nodeFiles.open(...args);
      handle.writeFile = async (bytes) => {
        await handle.write((bytes as Uint8Array).subarray(0, 20));
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      };
      return handle;
    },
  };

  it('for a full disk leaves the one before, and nothing half written', async () => {
    await open().save(at(10));
    await expect(open(3, fullDisk).save(at(20))).rejects.toThrow('ENOSPC');
    expect(await saved()).toEqual(['checkpoint-000010.flatmin']);
    expect(await latestStep()).toBe(10);
  });

  it('for a full disk leaves an older file of the same step as it was', async () => {
    await open().save(at(10));
    const before = await readFile(fileOf(10));
    await expect(open(3, fullDisk).save(at(10))).rejects.toThrow('ENOSPC');
    expect(await readFile(fileOf(10))).toEqual(before);
  });

  it('by a crash between write and rename leaves the one before; the next save clears up', async () => {
    const crash = (): Promise<never> => Promise.reject(new Error('killed'));
    await open().save(at(10));
    // A process that is gone removes nothing.
    await expect(open(3, { ...nodeFiles, rename: crash, rm: async () => {} }).save(at(20))).rejects.toThrow('killed');
    expect(await saved()).toEqual([
      'checkpoint-000010.flatmin',
      expect.stringMatching(/000020\.flatmin\.[\w-]+~\d+\.tmp$/),
    ]);
    expect(await latestStep()).toBe(10);
    expect(lines).toEqual([]);
    await open().save(at(20));
    expect(await saved()).toEqual(['checkpoint-000010.flatmin', 'checkpoint-000020.flatmin']);
  });

  it('forces the file to disk before its name, and the name to disk after that', async () => {
    const calls: string[] = [];
    const files: FileActions = {
      ...nodeFiles,
      open: async (...args) => {
        const handle = await nodeFiles.open(...args);
        const sync = handle.sync.bind(handle);
        handle.sync = async () => {
          calls.push(`sync ${path.basename(String(args[0])).replace(/\.[\w-]+~\d+\.tmp$/, '')}`);
          await sync();
        };
        return handle;
      },
      rename: async (...args) => {
        calls.push('rename');
        await nodeFiles.rename(...args);
      },
    };
    await open(3, files).save(at(10));
    expect(calls).toEqual(['sync checkpoint-000010.flatmin', 'rename', `sync ${path.basename(directory)}`]);
  });

  it('for a type that a file cannot hold names it', async () => {
    await open().save(at(10));
    const broken = { ...at(20), model: [{ name: 'text', tensor: tf.tensor1d(['a']) }] };
    await expect(open().save(broken)).rejects.toThrow(/cannot hold text, which is of type string/);
    tf.dispose(broken.model.map(({ tensor }) => tensor));
    expect(await saved()).toEqual(['checkpoint-000010.flatmin']);
  });
});
