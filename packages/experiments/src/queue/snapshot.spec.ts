import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { folderStorage, type RunStorage } from './runStorage.js';
import { memoryStorage } from './runStorage.fixture.js';
import { restoreSnapshot, Snapshots } from './snapshot.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
});
afterEach(() => rmSync(root, { recursive: true }));

type Files = Readonly<Record<string, string>>;

const some: Files = {
  'metrics.jsonl': 'line one\nline two\n',
  'checkpoint-seed-3/checkpoint-000020.flatmin': 'weights after 20',
  'mlflow-seed-3.json': '{"runId":"abc"}',
};

/** A run folder with these files. */
function folderOf(files: Files, name = 'there'): string {
  const folder = path.join(root, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

function filesIn(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name));
  return Object.fromEntries(files.map((file) => [path.relative(folder, file), readFileSync(file, 'utf8')]));
}

async function keep(storage: RunStorage, files: Files): Promise<void> {
  await (await Snapshots.open(storage, 'run')).keep(folderOf(files));
}

async function restored(storage: RunStorage): Promise<Files | undefined> {
  const folder = path.join(root, 'here');
  return (await restoreSnapshot(storage, 'run', folder)) ? filesIn(folder) : undefined;
}

describe('the files of a run, kept and brought back', () => {
  it('are the same, whatever they hold, in pieces of no more than the storage takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), async (metrics, weights) => {
        const storage = memoryStorage();
        const files = { 'metrics.jsonl': metrics, 'checkpoint-seed-0/checkpoint-000001.flatmin': weights };
        await keep(storage, files);
        expect(await restored(storage)).toEqual(files);
        for (const [name, value] of storage.values) {
          if (!name.includes('-')) expect(value.length).toBeLessThanOrEqual(4);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are those of the last checkpoint, of TensorBoard and the metrics, and nothing else', async () => {
    const storage = folderStorage(path.join(root, 'shared'));
    const event = 'tensorboard/seed-3/events.out.tfevents.1.host.2.3.flatmin';
    await keep(storage, {
      ...some,
      [event]: 'event',
      'checkpoint-seed-3/checkpoint-999999.flatmin': 'weights after 999999',
      'checkpoint-seed-3/checkpoint-1000000.flatmin': 'weights after 1000000',
      'checkpoint-seed-3/checkpoint-1000001.flatmin.host~1.tmp': 'half',
      'config.json': '{}',
      'run.lock.1': 'lock',
    });
    expect(await restored(storage)).toEqual({
      'metrics.jsonl': some['metrics.jsonl'],
      'mlflow-seed-3.json': some['mlflow-seed-3.json'],
      [event]: 'event',
      'checkpoint-seed-3/checkpoint-1000000.flatmin': 'weights after 1000000',
    });
  });

  it('are not there before their list is, which comes last', async () => {
    const storage = memoryStorage();
    const write = storage.write.bind(storage);
    for (let written = 0; ; written++) {
      storage.values.clear();
      let left = written;
      const failing: RunStorage = {
        ...storage,
        write: (...all) => (left-- > 0 ? write(...all) : Promise.reject(new Error('killed'))),
      };
      const isWhole = await keep(failing, some).then(
        () => true,
        () => false,
      );
      expect(await restored(storage)).toEqual(isWhole ? some : undefined);
      if (isWhole) break;
      expect(written).toBeLessThan(20);
    }
  });

  it('are those of the attempt before where the last ones are damaged or not all there', async () => {
    for (const damage of ['other', undefined]) {
      const storage = memoryStorage();
      await keep(storage, some);
      const before = new Map(storage.values);
      await keep(storage, { ...some, 'metrics.jsonl': 'line one\nline two\nline 3\n' });
      const added = [...storage.values.keys()].find((name) => !before.has(name) && !name.includes('-'));
      for (const [name, value] of before) storage.values.set(name, value);
      expect(await restored(storage)).toMatchObject({ 'metrics.jsonl': 'line one\nline two\nline 3\n' });
      if (damage === undefined) storage.values.delete(added as string);
      else storage.values.set(added as string, new TextEncoder().encode(damage));
      expect(await restored(storage)).toEqual(some);
    }
  });

  it('leave nothing behind that no list names', async () => {
    const storage = memoryStorage();
    const snapshots = await Snapshots.open(storage, 'run');
    await snapshots.keep(folderOf(some));
    const later = { ...some, 'checkpoint-seed-3/checkpoint-000040.flatmin': 'weights after 40' };
    await snapshots.keep(folderOf(later));
    await keep(storage, later);
    const whole = memoryStorage();
    await keep(whole, later);
    const ofFirst = (name: string): string => name.replace(/-2$/, '-1');
    expect([...storage.values.keys()].map(ofFirst).sort()).toEqual([...whole.values.keys()].sort());
    await storage.removeAll('run');
    expect(storage.values.size).toBe(0);
  });

  it('are not spoiled by a process that lost the run and does not know it', async () => {
    const storage = memoryStorage();
    const lost = await Snapshots.open(storage, 'run');
    await lost.keep(folderOf(some));
    const present = await Snapshots.open(storage, 'run');
    const later = { ...some, 'checkpoint-seed-3/checkpoint-000040.flatmin': 'weights after 40' };
    await present.keep(folderOf(later, 'present'));
    await lost.keep(folderOf({ ...some, 'metrics.jsonl': 'line one\n' }));
    expect(await restored(storage)).toEqual({
      'metrics.jsonl': some['metrics.jsonl'],
      'mlflow-seed-3.json': some['mlflow-seed-3.json'],
      'checkpoint-seed-3/checkpoint-000040.flatmin': 'weights after 40',
    });
  });

  it('are refused where they are more than the storage takes, with what to do', async () => {
    const storage = memoryStorage(20);
    await expect(keep(storage, some)).rejects.toMatchObject({
      code: 'RUN_INVALID',
      message: expect.stringMatching(
        /the files of the run have 0 MiB, and memory takes 0 per run.*--storage/,
      ) as unknown,
    });
    expect([...storage.values.keys()]).toEqual(['run/attempt-1']);
  });

  it.each([
    '../metrics.jsonl',
    '/etc/passwd',
    'config.json',
    'tensorboard/seed-0/..',
    'tensorboard/../../x',
    'run.lock.1',
  ])('may not be called %s by another machine', async (name) => {
    const storage = memoryStorage();
    const list = JSON.stringify({ files: [{ path: name, pieces: [] }] });
    await storage.write('run', 'contents-9', new TextEncoder().encode(list));
    expect(await restored(storage)).toBeUndefined();
  });
});
