import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';
import { FlatminError, type FlatminContainer, type Problem } from '@flatmin/core';
import { validated } from '@flatmin/core/internal';
import { throwProblems } from '@flatmin/core/plugin';
import type { Distribution } from '../plugins/distribution.js';
import type { PluginRequest } from '../plugins/loadPlugin.js';
import { openContainer, type OpenedContainer } from '../plugins/openContainer.js';
import { withSettings } from './fields.js';
import { parseJson } from './parseJson.js';
import { type RunConfig, runConfigSchema } from './runConfig.js';
import { withPathsFrom } from './specPaths.js';

const specKinds = ['dataset', 'model', 'optimizer'] as const;

/** A config, and what it takes to run it. */
export interface OpenedConfig extends OpenedContainer {
  readonly config: RunConfig;
  /** Where the plugins of its specs come from. */
  readonly requests: readonly PluginRequest[];
}

export interface ReadOptions {
  /** The plugins that are loaded, of those that the config names, with those that the command line names. */
  readonly admit?: (named: readonly PluginRequest[]) => readonly PluginRequest[];
  /** What `--set` says: `path=value`, in place of what the file has. */
  readonly set?: readonly string[] | undefined;
}

/**
 * Reads a config file and checks all of it: its own fields and the options of every spec in it, those of the plugins
 * that it names too.
 *
 * @throws FlatminError SPEC_INVALID: with line and column for a mistake in the JSON, else with every problem at once.
 */
export async function readConfig(
  file: string,
  distribution: Distribution,
  options: ReadOptions = {},
): Promise<OpenedConfig> {
  const { value, ...opened } = await openFile(file, distribution, options);
  const config = checkConfig(value, file, opened.container);
  const model = withPathsFrom(config.model, opened.container, path.dirname(file));
  return { ...opened, config: { ...config, model } };
}

/** A config file as it is, and a container that knows its plugins. */
export async function openFile(
  file: string,
  distribution: Distribution,
  { admit = (named) => named, set }: ReadOptions = {},
): Promise<OpenedContainer & { readonly value: unknown; readonly requests: readonly PluginRequest[] }> {
  const value = withSettings(await readJson(file), set);
  const requests = admit(pluginsOf(value, file));
  return { ...(await openContainer(requests, distribution)), value, requests };
}

/** The plugins that a config names; what is not a list of names is left to the check of the whole. */
export function pluginsOf(config: unknown, file: string): readonly PluginRequest[] {
  const { plugins } = (config ?? {}) as { readonly plugins?: unknown };
  const names: readonly unknown[] = Array.isArray(plugins) ? plugins : [];
  const from = path.dirname(file);
  return names.flatMap((name) => (typeof name === 'string' ? [{ name, from }] : []));
}

/** @throws FlatminError where the file cannot be read, or is no JSON. */
export async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new FlatminError(
      'RUN_INVALID',
      `cannot read ${file}: ${(cause as Error).message}. Give the path of a JSON file.`,
      { cause },
    );
  }
  return parseJson(text.replace(/^\uFEFF/, ''), file);
}

/** The config in a parsed value, with defaults; or one error with every problem of it. */
export function checkConfig(value: unknown, file: string, container: FlatminContainer): RunConfig {
  const { config, problems } = judgedConfig(value, container);
  throwProblems(problems, file);
  return config as RunConfig;
}

/** The config in a parsed value, with defaults, where it is one, and all that is wrong with it. */
export function judgedConfig(
  value: unknown,
  container: FlatminContainer,
): { readonly config?: RunConfig; readonly problems: readonly Problem[] } {
  const { output, problems: found } = validated(runConfigSchema, value, { name: 'the config' });
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const problems = [...found.map(withoutSecret), ...problemsOfSeeds(fields)];
  for (const kind of specKinds) problems.push(...problemsOfSpec(kind, fields[kind], container));
  return problems.length > 0 ? { problems } : { config: runOf(output as z.output<typeof runConfigSchema>), problems };
}

/** A password that should not be there is not said again. */
function withoutSecret(problem: Problem): Problem {
  const { path: at, value } = problem;
  return at === 'mlflow.url' && typeof value === 'string'
    ? { ...problem, value: value.replace(/\/\/[^/]*@/, '//***@') }
    : problem;
}

/** Not a refinement of the schema, as zod leaves those out where a field is wrong. */
export function problemsOfSeeds(fields: Readonly<Record<string, unknown>>): readonly Problem[] {
  if (!('seed' in fields && 'seeds' in fields)) return [];
  return [
    { path: 'seeds', value: fields['seeds'], message: 'is given together with seed', remedy: 'Keep one of the two.' },
  ];
}

/** What is wrong with a spec of a config, by its path in it. */
export function problemsOfSpec(
  kind: (typeof specKinds)[number],
  spec: unknown,
  container: FlatminContainer,
  at: string = kind,
): readonly Problem[] {
  // A spec that is none has been reported by the schema.
  if (typeof spec !== 'object' || spec === null || typeof (spec as { use?: unknown }).use !== 'string') return [];
  return container
    .problems(kind, spec, specContext)
    .map((problem) => ({ ...problem, path: [at, problem.path].filter(Boolean).join('.') }));
}

/** What of a config is of the run, and not of the editor. */
const runOf = ({ $schema: _, ...config }: z.output<typeof runConfigSchema>): RunConfig => config;

/**
 * As much as an optimizer may ask of a run, so that only the spec itself can be wrong: how long the run is, its data
 * will tell.
 */
const specContext = {
  totalSteps: Number.MAX_SAFE_INTEGER,
  validationLoss: (): never => {
    throw new Error('the loss of a check was evaluated');
  },
};
