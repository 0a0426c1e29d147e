import path from 'node:path';
import { hasFailedFirst } from '../cells/cellFolder.js';
import { readMetrics } from '../run/metricsFile.js';
import type { RunRecord } from '../run/runRecord.js';
import { SeedProgress } from '../run/seedProgress.js';

/**
 * The records of the seeds of a run folder that have ended or diverged, from all of its metrics; nothing is written. A
 * damaged line is named on standard error.
 */
export async function readRecords(folder: string): Promise<readonly RunRecord[]> {
  const seeds = new Map<string, SeedProgress>();
  if (hasFailedFirst(folder)) return [];
  await readMetrics(path.join(folder, 'metrics.jsonl'), (line) => {
    // Quickstart has several methods of one seed.
    const key = `${line.seed} ${line.method}`;
    const known = seeds.get(key) ?? new SeedProgress();
    seeds.set(key, known);
    known.add(line);
  });
  return [...seeds.values()].flatMap(({ ended }) => ended ?? []);
}
