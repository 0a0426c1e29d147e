import { type FlatminContainer, FlatminError, type Spec } from '@flatmin/core';
import { suggestion } from '@flatmin/core/internal';
import type { Plugin } from '@flatmin/core/plugin';
import { openFolder } from '@flatmin/data/node';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  pluginsOf,
  readJson,
  parseJson,
  ResultsDirectory,
  type PluginRequest,
  namedHere,
  openContainer,
  pluginsOfRun,
  type PluginTrust,
} from '@flatmin/experiments/internal';
import type { Distribution } from '@flatmin/experiments';

/** A spec, and the container whose plugins it names. */
export interface OpenedData {
  readonly spec: Spec;
  readonly container: FlatminContainer;
}

/**
 * What a word of the command line means: JSON text, a folder or a file that one of the plugins recognizes, a JSON file
 * (a spec, or a config with a dataset), or the id of a data set; with the plugins that are named beside it and, of a
 * config, in it.
 *
 * @throws FlatminError DATA_FILE_MISSING where it is none of these, DATA_FILE_INVALID for a folder that no plugin
 *   recognizes.
 */
export async function openData(what: string, trust: PluginTrust, distribution: Distribution): Promise<OpenedData> {
  const isText = what.trimStart().startsWith('{');
  const isFile = !isText && (await stat(what).catch(() => undefined))?.isFile() === true;
  if (isFile) {
    const { container } = await openContainer(namedHere(trust.plugin), distribution);
    const spec = fileSpec(what, container);
    if (spec !== undefined) return { container, spec };
  }
  const content = isText ? parseJson(what, 'the spec') : isFile ? await readJson(what) : undefined;
  const named = pluginsOf(content, isFile ? what : 'the spec');
  const { container } = await openContainer(
    isFile ? admitted(what, named, trust) : [...named, ...namedHere(trust.plugin)],
    distribution,
  );
  return { container, spec: content === undefined ? await dataSpec(what, container) : specIn(content) };
}

/** The plugins of a file: all that it names, unless it is the config of a run folder, which may be a stranger's. */
function admitted(file: string, named: readonly PluginRequest[], trust: PluginTrust): readonly PluginRequest[] {
  const directory = path.dirname(file);
  const isOfRun = path.resolve(file) === path.resolve(ResultsDirectory.configOf(directory));
  if (isOfRun && ResultsDirectory.isRun(directory)) return pluginsOfRun(directory, named, trust);
  return [...named, ...namedHere(trust.plugin)];
}

/** The spec of a folder, or of an id. */
export async function dataSpec(what: string, container: FlatminContainer): Promise<Spec> {
  const found = await stat(what).catch(() => undefined);
  if (found?.isDirectory() === true) return folderSpec(what, container);
  const ids = dataSetPlugins(container).map(({ id }) => id);
  if (ids.includes(what)) return { use: what };
  const remedy = suggestion(what, ids, `Give a folder, a spec as JSON, or one of ${ids.join(', ')}.`);
  throw new FlatminError('DATA_FILE_MISSING', `${what} is neither a folder, a file nor a data set. ${remedy}`);
}

/** The plugins that make data sets. */
export function dataSetPlugins(container: FlatminContainer): readonly Plugin[] {
  return container.plugins().filter(({ kind }) => kind === 'dataset');
}

/** That of a config, or the value itself. */
function specIn(content: unknown): Spec {
  return ((content as { readonly dataset?: unknown } | null)?.dataset ?? content) as Spec;
}

/** The spec of a file that a plugin reads by itself; undefined of any other, such as a config. */
function fileSpec(file: string, container: FlatminContainer): Spec | undefined {
  for (const { id, detectFile } of dataSetPlugins(container)) {
    const options = detectFile?.(path.basename(file));
    if (options !== undefined) return { use: id, ...options, file };
  }
  return undefined;
}

async function folderSpec(dir: string, container: FlatminContainer): Promise<Spec> {
  const names = await (await openFolder(dir)).names();
  for (const { id, detect } of dataSetPlugins(container)) {
    const options = detect?.(names);
    if (options !== undefined) return { use: id, ...options, dir };
  }
  const readers = dataSetPlugins(container).flatMap(({ id, detect }) => (detect ? [id] : []));
  throw new FlatminError(
    'DATA_FILE_INVALID',
    `${dir}: no data set is recognized among its ${names.length} names (${names.slice(0, 5).join(', ')}). ` +
      `Folders are read by ${readers.join(', ')}: 'flatmin plugins' lists their options for a spec.`,
  );
}
