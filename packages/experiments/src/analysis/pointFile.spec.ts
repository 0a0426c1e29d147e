import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LandscapeIdentity, PointFile } from './pointFile.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flatmin-points-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const identity: LandscapeIdentity = { kind: 'plane', step: 120, seed: 0, examples: { train: 64 }, points: 5 };
const point = (x: number, loss: number) => ({ at: [x, 0.1], values: { train: { loss, metrics: { accuracy: 0.5 } } } });

function kept(of: LandscapeIdentity, ...points: ReturnType<typeof point>[]): PointFile {
  const file = new PointFile(folder, of);
  points.forEach(file.add);
  file.close();
  return file;
}

describe('points of a landscape', () => {
  it('are there again, to the last digit, also where they are no finite numbers', () => {
    const points = [point(1 / 3, 0.1 + 0.2), point(-1, Infinity), point(1, NaN)];
    kept(identity, ...points);
    expect(kept(identity).known).toEqual(points);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^plane-step-120-seed-0-[0-9a-f]{16}\.jsonl$/)]);
  });

  it('are kept once, however often they are told', () => {
    kept(identity, point(0, 1), point(0, 1));
    const again = kept(identity, point(0, 1), point(1, 2));
    expect(again.count).toBe(2);
    expect(kept(identity).known).toHaveLength(2);
  });

  it('are never those of anything else', () => {
    kept(identity, point(0, 1));
    for (const other of [
      { ...identity, step: 121 },
      { ...identity, seed: 1 },
      { ...identity, examples: { train: 65 } },
      { ...identity, points: 6 },
      { ...identity, kind: 'trajectory' },
    ]) {
      expect(kept(other).known).toEqual([]);
    }
    // Nor where a file has the name of theirs.
    const file = kept(identity).path;
    writeFileSync(file, readFileSync(file, 'utf8').replace('"examples":{"train":64}', '"examples":{"train":63}'));
    expect(kept(identity).known).toEqual([]);
  });

  it('that were cut off or damaged are measured again, and the others are used', () => {
    const { path: file } = kept(identity, point(0, 1), point(1, 2));
    appendFileSync(file, 'damaged\n{"at":[2,0.1],"values":{}}\n{"at":[3,0.1],"values":{"train":{"loss":');
    expect(kept(identity, point(3, 4)).known).toEqual([point(0, 1), point(1, 2)]);
    expect(kept(identity).known).toEqual([point(0, 1), point(1, 2), point(3, 4)]);
  });
});
