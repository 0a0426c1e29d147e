import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import type { RunConfig } from '../config/runConfig.js';
import { differencesOf } from './differences.js';

/**
 * What of a config decides the weights and the history of a seed; the rest (which seeds, what is written, how often)
 * may change.
 */
const deciding = [
  'dataset',
  'model',
  'optimizer',
  'epochs',
  'batchSize',
  'learningRate',
  'labelSmoothing',
  'validationBatchSize',
  'evaluate',
  'earlyStopping',
  'eager',
] as const satisfies readonly (keyof RunConfig)[];

/** By name; null for what the config leaves out. */
export type Settings = Readonly<Record<string, unknown>>;

/** What a seed is trained with, as plain data that a later `--resume` can compare. */
export function settingsOf(config: RunConfig, backend: string): Settings {
  const chosen = Object.fromEntries(deciding.map((name) => [name, config[name] ?? null]));
  return JSON.parse(JSON.stringify({ ...chosen, backend })) as Settings;
}

/**
 * Refuses a config that has changed since a seed was trained.
 *
 * @param saved of the seed; a setting that it lacks was unknown to the version of flatmin that wrote it.
 * @throws FlatminError STATE_MISMATCH, naming all that differs with both values.
 */
export function requireSameSettings(saved: Settings, present: Settings, seed: number, directory: string): void {
  const found = Object.keys(saved).flatMap((name) => differencesOf(saved[name], present[name], name));
  if (found.length === 0) return;
  const told = (value: unknown): string => (value === undefined ? 'none' : show(value));
  const lines = found.map(({ path, there, here }) => `  - ${path}: ${told(there)} there, ${told(here)} here`);
  throw new FlatminError(
    'STATE_MISMATCH',
    `seed ${seed} in ${directory} was trained with another config:\n${lines.join('\n')}\nPut config.json back, or train the ` +
      'changed config in a folder of its own.',
  );
}
