import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ResultsDirectory } from './resultsDirectory.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
});
afterEach(() => rmSync(directory, { recursive: true }));
const make = (out: string): Promise<ResultsDirectory> =>
  ResultsDirectory.create(path.join(directory, out), 0, () => ({ epochs: 1 }));
const start = { event: 'start', method: 'sam', seed: 0, step: 0 } as const;

describe('case 18: the folder of a start that failed', () => {
  it('goes, and so does what was made in one that was there; what came of a run stays', async () => {
    const failed = await make('new');
    failed.write(start);
    await failed.close();
    expect(readdirSync(directory)).toEqual([]);

    writeFileSync(path.join(directory, 'notes.txt'), 'mine');
    await (await make('.')).close();
    expect(readdirSync(directory)).toEqual(['notes.txt']);

    const run = await make('run');
    run.write({ ...start, event: 'step', step: 1, lastStep: {} });
    await run.close();
    expect(readdirSync(path.join(directory, 'run')).sort()).toEqual(['config.json', 'metrics.jsonl']);
  });

  it('that a kill left before it had its config is taken by the next', async () => {
    writeFileSync(path.join(directory, 'metrics.jsonl'), '');
    const taken = await make('.');
    taken.write({ ...start, event: 'failure' });
    await taken.close();
    expect((await ResultsDirectory.resume(directory).progress()).get(0)?.ended).toMatchObject({ seed: 0 });
  });
});

describe('case 12: a folder by the time', () => {
  it('is another one for each command of the same second', async () => {
    const here = process.cwd();
    process.chdir(directory);
    try {
      const all = await Promise.all([1, 2, 3].map(() => ResultsDirectory.create(undefined, 1e12, () => ({}))));
      expect(new Set(all.map((each) => each.path)).size).toBe(3);
      for (const each of all) await each.close();
    } finally {
      process.chdir(here);
    }
  });
});
