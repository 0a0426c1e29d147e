import type { Settings } from './sameSettings.js';

/**
 * The settings of a seed by path, as trackers of runs list them; what a config leaves out is none, and a list a text.
 */
export function flatSettings(settings: Settings, seed: number): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries([['seed', seed], ...within(settings, '')]);
}

function within(value: unknown, at: string): readonly (readonly [string, string | number | boolean])[] {
  if (value === null || value === undefined) return [];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [[at, value]];
  if (Array.isArray(value)) return [[at, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, inner]) => within(inner, at === '' ? name : `${at}.${name}`));
}
