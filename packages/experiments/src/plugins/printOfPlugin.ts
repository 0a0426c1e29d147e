import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { locate, type PluginRequest } from './loadPlugin.js';

/**
 * Identifies a plugin, whatever its location: a package by its name and version, a file by its name and content. The
 * imports of a file are not read.
 *
 * @throws FlatminError PLUGIN_NOT_LOADED if there is no such file or package.
 */
export function printOfPlugin(request: PluginRequest): string {
  const file = fileURLToPath(locate(request));
  const version = versionOf(request.name, path.dirname(file));
  if (version !== undefined) return `${request.name} ${version}`;
  const content = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  return `${path.basename(file)} ${content}`;
}

/** By the package.json above a file that has the name of the package. */
function versionOf(name: string, folder: string): string | undefined {
  const manifest = path.join(folder, 'package.json');
  if (existsSync(manifest)) {
    const read = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: unknown; readonly version?: unknown };
    if (read.name === name) return String(read.version);
  }
  const parent = path.dirname(folder);
  return parent === folder ? undefined : versionOf(name, parent);
}
