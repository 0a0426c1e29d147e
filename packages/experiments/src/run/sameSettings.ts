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

/**
 * What decides it, too, and is told only where it is given, as runs of earlier releases did not know it. The probe
 * decides no weight, but what is known of them.
 */
const toldWhereGiven = ['probe', 'reduceOnPlateau', 'mix'] as const satisfies readonly (keyof RunConfig)[];

/** What a run which is extended has to keep. */
const kept = new Set<string>([...deciding, ...toldWhereGiven].filter((name) => name !== 'epochs'));

/** By name; null for what the config leaves out. */
export type Settings = Readonly<Record<string, unknown>>;

/** What a seed is trained with, as plain data that a later `--resume` can compare. */
export function settingsOf(config: RunConfig, backend: string): Settings {
  const chosen = Object.fromEntries(deciding.map((name) => [name, config[name] ?? null]));
  const given = Object.fromEntries(toldWhereGiven.map((name) => [name, config[name]])); // JSON leaves undefined out.
  return JSON.parse(JSON.stringify({ ...chosen, ...given, backend })) as Settings;
}

/**
 * Refuses a config that has changed since a seed was trained.
 *
 * @param saved of the seed; a setting that it lacks was unknown to the version of flatmin that wrote it.
 * @throws FlatminError STATE_MISMATCH, naming all that differs with both values.
 */
export function requireSameSettings(saved: Settings, present: Settings, seed: number, directory: string): void {
  const names = new Set([...Object.keys(saved), ...toldWhereGiven]);
  const found = [...names].flatMap((name) => differencesOf(saved[name], present[name], name));
  if (found.length === 0) return;
  const told = (value: unknown): string => (value === undefined ? 'none' : show(value));
  const lines = found.map(({ path, there, here }) => `  - ${path}: ${told(there)} there, ${told(here)} here`);
  const isLonger = found.length === 1 && Number(saved['epochs']) < Number(present['epochs']);
  throw new FlatminError(
    'STATE_MISMATCH',
    `seed ${seed} in ${directory} was trained with another config:\n${lines.join('\n')}\n` +
      (isLonger
        ? 'Add --extend to train the missing epochs, or restore config.json.'
        : 'Restore config.json, or train the changed config in another folder.'),
  );
}

/**
 * Refuses what `--set` may not change of a run that is extended.
 *
 * @param before the config of the folder, and `after` as it is to be.
 * @throws FlatminError RUN_INVALID, naming all that decides the numbers of what was trained.
 */
export function requireExtension(before: unknown, after: unknown): void {
  const found = differencesOf(before, after);
  const changed = found.filter(({ path }) => kept.has(path.split('.')[0] as string)).map(({ path }) => path);
  if (changed.length > 0) {
    throw new FlatminError(
      'RUN_INVALID',
      `--extend gives a run more epochs and seeds, and with another ${changed.join(', ')} it would be another run. Train the changed config in ` +
        'another folder.',
    );
  }
  const epochs = found.find(({ path }) => path === 'epochs');
  if (epochs === undefined || Number(epochs.here) > Number(epochs.there)) return;
  throw new FlatminError(
    'RUN_INVALID',
    `epochs is ${show(epochs.there)} there and ${show(epochs.here)} here, and --extend cannot remove any. Give more.`,
  );
}
