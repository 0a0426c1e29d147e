import type { Clock } from '@flatmin/core';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunConfig } from '../config/runConfig.js';
import { flatSettings } from './flatSettings.js';
import { nameOfRun } from './methodName.js';
import { mlflowLogger, type MlflowLogger, type MlflowOptions } from './mlflow.js';
import type { RunRecord } from './runRecord.js';
import type { Settings } from './sameSettings.js';

/** Where a seed runs. */
export interface SeedPlace {
  readonly clock: Clock;
  /** Its run folder, which keeps the id of its run on the server. */
  readonly directory: string;
  /** Whether it is the run that the folder has begun; else it is another one to the server, too. */
  readonly goesOn: boolean;
}

/** What a run folder keeps of the run on a server. */
interface KeptRun extends MlflowOptions {
  readonly runId: string;
}

/** The MLflow logger of a seed; undefined where its config names no server. */
export function mlflowOfRun(
  config: RunConfig,
  seed: number,
  settings: Settings,
  { clock, directory, goesOn }: SeedPlace,
): MlflowLogger | undefined {
  const { mlflow } = config;
  if (mlflow === undefined) return undefined;
  const file = path.join(directory, `mlflow-seed-${seed}.json`);
  const kept = goesOn ? keptRun(file) : undefined;
  const isOfServer = kept?.url === mlflow.url && kept.experiment === mlflow.experiment;
  const params = Object.entries(flatSettings(settings, seed)).map(([at, value]) => [at, String(value)]);
  const run = {
    name: `${nameOfRun(config)}, seed ${seed}`,
    params: Object.fromEntries(params) as Readonly<Record<string, string>>,
    began: clock.now(),
    runId: isOfServer ? kept.runId : undefined,
    onRun: (runId: string) => writeFileSync(file, `${JSON.stringify({ ...mlflow, runId }, null, 2)}\n`),
  };
  return mlflowLogger(mlflow, run, () => clock.now());
}

/** Undefined where there is none, or the end of its process cut it off. */
function keptRun(file: string): KeptRun | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<KeptRun> | null;
    return typeof kept?.runId === 'string' ? (kept as KeptRun) : undefined;
  } catch {
    return undefined;
  }
}

/** Does a run, and tells how it ended. */
export async function toldTo(
  logger: MlflowLogger | undefined,
  clock: Clock,
  run: () => Promise<RunRecord>,
): Promise<RunRecord> {
  try {
    const record = await run();
    const status = record.failure !== undefined ? 'FAILED' : record.stopped ? 'KILLED' : 'FINISHED';
    await logger?.finish(status, clock.now());
    return record;
  } catch (error) {
    await logger?.finish('FAILED', clock.now());
    throw error;
  }
}
