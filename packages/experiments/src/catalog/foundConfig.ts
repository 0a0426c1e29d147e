import { FlatminError, type Spec } from '@flatmin/core';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { failureOf, hasFailedFirst, readFailure } from '../cells/cellFolder.js';
import { parseJson } from '../config/parseJson.js';
import { methodName } from '../run/methodName.js';

/** What a config says of one seed. */
export interface SeedConfig {
  readonly method: string;
  readonly seed: number;
  readonly dataset: string;
  readonly model: string;
  readonly batchSize: number;
  readonly learningRate?: number;
  /** What the config says of its run, seeds and all. */
  readonly run: Readonly<Record<string, unknown>>;
}

/** The config of a folder, as far as a list of runs needs it. */
export interface FoundConfig {
  readonly seeds: readonly SeedConfig[];
  /** All of it, as it was read. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly created: string;
}

/**
 * Reads the config of a run folder without loading its plugins, so that they check nothing of it. For a cell that
 * failed before it became a run, the config is stored with the reason of the failure.
 *
 * @throws FlatminError SPEC_INVALID if it is not the config of a run.
 */
export function foundConfig(folder: string): FoundConfig {
  const isFailure = hasFailedFirst(folder);
  const file = isFailure ? failureOf(folder) : path.join(folder, 'config.json');
  const value = isFailure ? readFailure(folder)?.config : parsed(readFileSync(file, 'utf8'), file);
  if (isObject(value)) {
    const all = value['command'] === 'quickstart' ? value['experiments'] : [value];
    const seeds = Array.isArray(all) && all.every(isRun) ? all.flatMap(seedsIn) : [];
    if (seeds.length > 0) return { seeds, value, created: createdAt(folder, file) };
  }
  throw new FlatminError(
    'SPEC_INVALID',
    `${file} is not the config of a run: dataset, model or optimizer is missing. Restore the file from a copy, or remove the folder.`,
  );
}

/** Configs that flatmin wrote have no comments; those that were edited may. */
function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseJson(text, file);
  }
}

type Run = Readonly<Record<'dataset' | 'model' | 'optimizer', Spec>> & Readonly<Record<string, unknown>>;

function isRun(value: unknown): value is Run {
  return isObject(value) && ['dataset', 'model', 'optimizer'].every((kind) => isSpec(value[kind]));
}

function seedsIn(run: Run): SeedConfig[] {
  const { dataset, model, optimizer, batchSize, learningRate, seed = 0, seeds = [seed] } = run;
  const { name, method } = run;
  const rate = rateOf(learningRate) ?? rateOfBase(optimizer);
  const known = {
    // As the lines of its metrics have it.
    method: [name, method].find((text) => typeof text === 'string') ?? methodName(optimizer),
    dataset: dataset.use,
    model: model.use,
    batchSize: Number(batchSize),
    ...(rate !== undefined && { learningRate: rate }),
    run,
  };
  return (Array.isArray(seeds) ? seeds : []).flatMap((each) =>
    typeof each === 'number' ? [{ ...known, seed: each }] : [],
  );
}

function rateOf(schedule: unknown): number | undefined {
  if (typeof schedule === 'number') return schedule;
  return isObject(schedule) && typeof schedule['rate'] === 'number' ? schedule['rate'] : undefined;
}

/** The learning rate of the innermost optimizer. */
function rateOfBase({ inner, base, learningRate }: Spec): number | undefined {
  const within = [inner, base].filter(isSpec).map(rateOfBase);
  return within.find((rate) => rate !== undefined) ?? (typeof learningRate === 'number' ? learningRate : undefined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSpec(value: unknown): value is Spec {
  return isObject(value) && typeof value['use'] === 'string';
}

/** The folder is as old as itself, where its file system tells, and at least as old as its config. */
function createdAt(folder: string, config: string): string {
  const born = statSync(folder).birthtimeMs;
  const written = statSync(config).mtimeMs;
  return new Date(Math.min(written, born > 0 ? born : Infinity)).toISOString();
}
