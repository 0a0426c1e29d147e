import type { Clock } from '@flatmin/core';
import type { RunConfig } from '../config/runConfig.js';
import { nameOfRun } from './methodName.js';
import { mlflowLogger, type MlflowLogger } from './mlflow.js';
import type { RunRecord } from './runRecord.js';
import type { Settings } from './sameSettings.js';

/** The MLflow logger of a seed; undefined where its config names no server. */
export function mlflowOfRun(
  config: RunConfig,
  seed: number,
  settings: Settings,
  clock: Clock,
): MlflowLogger | undefined {
  if (config.mlflow === undefined) return undefined;
  const name = `${nameOfRun(config)}, seed ${seed}`;
  const params = Object.fromEntries([['seed', `${seed}`], ...paramsOf(settings, '')]);
  return mlflowLogger(config.mlflow, { name, params, began: clock.now() }, () => clock.now());
}

/** The settings by path; what a config leaves out is none. */
function paramsOf(value: unknown, at: string): readonly (readonly [string, string])[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value)) {
    return [[at, typeof value === 'string' ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([name, inner]) => paramsOf(inner, at === '' ? name : `${at}.${name}`));
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
