import { FlatminError, type ContainerOptions } from '@flatmin/core';
import { resolve } from 'import-meta-resolve';
import { statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A package or file that the user named, and the folder from which the name is meant. */
export interface PluginRequest {
  /** The name of an installed package, or a path. */
  readonly name: string;
  readonly from: string;
}

/** What a package gives: plugins, and modules that replace services. */
export type Contribution = Required<ContainerOptions>;

const isPath = (name: string): boolean => /^\.{0,2}[/\\]/.test(name) || path.isAbsolute(name);

/** A path as it is meant from another folder; the name of a package as it is. */
export function relocated({ name, from }: PluginRequest, to: string): string {
  if (!isPath(name)) return name;
  const there = path.relative(path.resolve(to), path.resolve(from, name)).replaceAll('\\', '/');
  return there.startsWith('.') ? there : `./${there}`;
}

/** Whether two requests name the same package, or the same file. */
export function isSamePlugin(one: PluginRequest, other: PluginRequest): boolean {
  const meant = ({ name, from }: PluginRequest): string => (isPath(name) ? path.resolve(from, name) : name);
  return isPath(one.name) === isPath(other.name) && meant(one) === meant(other);
}

/**
 * Imports what the user named, and nothing else: a file, or a package as the folder of the config, the working
 * directory, or the installation of flatmin finds it, in this order.
 *
 * @throws FlatminError PLUGIN_NOT_LOADED where it is not installed, throws, or has nothing to give.
 */
export async function loadPlugin(request: PluginRequest): Promise<Contribution> {
  const url = locate(request);
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(url)) as typeof loaded;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw notLoaded(`it threw when it was imported: ${text}`, remedyOf(request, url, cause), cause);
  }
  const given = exportOf(loaded.default);
  if (given === undefined) {
    throw notLoaded('it has no default export', 'It must be a plugin, a ContainerModule, or a list of them.');
  }
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  return {
    plugins: all.filter((each) => !isModule(each)),
    modules: all.filter(isModule),
  };
}

/** What was compiled to CommonJS has its default one level deeper. */
function exportOf(value: unknown): unknown {
  const { __esModule: isCompiled, default: inner } = (value ?? {}) as { __esModule?: unknown; default?: unknown };
  return isCompiled === true ? inner : value;
}

/** By its shape: the package may have a copy of inversify of its own. */
function isModule(value: unknown): value is Contribution['modules'][number] {
  const { id, load } = (value ?? {}) as { id?: unknown; load?: unknown };
  return typeof id === 'number' && typeof load === 'function';
}

/** The address of the module that a request means. */
export function locate({ name, from }: PluginRequest): string {
  if (isPath(name)) return pathToFileURL(fileAt(path.resolve(from, name))).href;
  if (/^[\w+.-]+:/.test(name))
    throw notLoaded('it is neither the name of a package nor a path', 'Give one of the two.');
  const folders = [from, process.cwd()].map((folder) => `${pathToFileURL(path.resolve(folder)).href}/`);
  let reason: unknown;
  for (const parent of [...folders, import.meta.url]) {
    try {
      return resolve(name, parent);
    } catch (error) {
      // A package that is there, but cannot be imported, says more than one that is not.
      if (reason === undefined || !isMissing(error)) reason = error;
    }
  }
  if (isMissing(reason)) {
    throw notLoaded(
      `it is not installed where ${path.resolve(from)} could find it`,
      `Run \`npm install ${name}\`, or give the path of a file: ./${name}.js.`,
      reason,
    );
  }
  throw notLoaded(`it cannot be imported: ${(reason as Error).message}`, 'Report this to its author.', reason);
}

/** The file of a path that the user gave: whether it is there is nobody else's matter. */
function fileAt(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw notLoaded(`there is no file ${file}`, 'Correct the path, or build the plugin first.');
  if (!found.isFile())
    throw notLoaded(`${file} is not a file`, 'Give the file that exports the plugin, such as index.js in it.');
  return file;
}

const isMissing = (error: unknown): boolean =>
  (error as { code?: unknown } | undefined)?.code === 'ERR_MODULE_NOT_FOUND';

/** What a linked folder lacks it does not find in the project that links it: it looks beside itself. */
function remedyOf({ name }: PluginRequest, url: string, cause: unknown): string {
  const isLinked = !isPath(name) && !url.includes(`/node_modules/${name}/`);
  if (!isMissing(cause)) return 'Report this to its author.';
  // Its own files are there: what is missing is something that it imports.
  if (!isLinked) return 'Install what it needs, or report this to its author.';
  return (
    `It is a link to ${fileURLToPath(url)}, which does not see what is installed here: install its folder with ` +
    '`npm install --install-links`, or the tarball that `npm pack` makes of it.'
  );
}

function notLoaded(what: string, remedy: string, cause?: unknown): FlatminError {
  return new FlatminError('PLUGIN_NOT_LOADED', `${what.replace(/\.$/, '')}. ${remedy}`, { cause });
}
