import type { LandscapePoint } from '@flatmin/analysis';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { jsonOf, parsedJson } from '../run/jsonNumbers.js';

/** All that decides the points of a landscape: plain data. */
export interface LandscapeIdentity {
  readonly kind: string;
  /** The first of the runs. */
  readonly step: number;
  readonly seed: number;
  readonly [name: string]: unknown;
}

/**
 * Keeps the points of one landscape as they are measured, a line each, so that it goes on where it was ended. The file
 * is named by all that decides them, and its first line says it: points of anything else are never taken. The folder
 * is the caller's alone while this is open.
 */
export class PointFile {
  readonly path: string;
  /** What was measured before. */
  readonly known: readonly LandscapePoint[];
  readonly #file: number;
  readonly #there: Set<string>;

  constructor(folder: string, identity: LandscapeIdentity) {
    const head = JSON.stringify(identity);
    const hash = createHash('sha256').update(head).digest('hex').slice(0, 16);
    this.path = path.join(folder, `${identity.kind}-step-${identity.step}-seed-${identity.seed}-${hash}.jsonl`);
    this.known = pointsIn(this.path, head);
    this.#there = new Set(this.known.map(({ at }) => at.join()));
    // Written again without what was cut off or damaged, so that lines can be added.
    writeFileSync(`${this.path}.tmp`, [head, ...this.known.map(jsonOf)].map((line) => `${line}\n`).join(''));
    renameSync(`${this.path}.tmp`, this.path);
    this.#file = openSync(this.path, 'a');
  }

  /** Keeps a point, unless it is there. */
  readonly add = (point: LandscapePoint): void => {
    if (this.#there.has(point.at.join())) return;
    this.#there.add(point.at.join());
    writeSync(this.#file, `${jsonOf(point)}\n`);
  };

  get count(): number {
    return this.#there.size;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The points of a file of this landscape; none where it is that of another, or there is none. */
function pointsIn(file: string, head: string): readonly LandscapePoint[] {
  if (!existsSync(file)) return [];
  const [first, ...lines] = readFileSync(file, 'utf8').split('\n');
  return first === head ? lines.flatMap(pointOf) : [];
}

/** One that was cut off, or damaged, is measured again. */
function pointOf(line: string): readonly LandscapePoint[] {
  try {
    const point = parsedJson(line) as Partial<LandscapePoint>;
    const values = Object.values(point.values ?? {});
    const isWhole =
      Array.isArray(point.at) &&
      point.at.every((each) => typeof each === 'number') &&
      values.length > 0 &&
      values.every(({ loss }) => typeof loss === 'number');
    return isWhole ? [point as LandscapePoint] : [];
  } catch {
    return [];
  }
}
