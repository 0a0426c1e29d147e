import { FlatminError } from '@flatmin/core';
import { warn } from '../terminal/terminal.js';
import { isSamePlugin, type PluginRequest } from './loadPlugin.js';
import { namedHere } from './openContainer.js';

/** Which of the plugins that the config of a run folder names the user vouches for. */
export interface PluginTrust {
  /** What `--plugin` names, from the working directory. */
  readonly plugin?: readonly string[] | undefined;
  /** `--trust`: load whatever the folder names. */
  readonly trust?: boolean | undefined;
}

/**
 * The plugins of a run folder that may be loaded, and those that the user names in addition. A run folder may come from
 * a stranger and plugins are code, so the folder alone never decides what runs: the user names each plugin again, or
 * trusts the folder. A plugin that is named again is searched for from the working directory, never in the folder.
 *
 * @param requests the plugins that the config in the folder names; they are listed on standard error.
 * @throws FlatminError PLUGIN_NOT_LOADED if the config names plugins that the user did not vouch for.
 */
export function pluginsOfRun(
  directory: string,
  requests: readonly PluginRequest[],
  { plugin, trust = false }: PluginTrust,
): readonly PluginRequest[] {
  const named = namedHere(plugin);
  if (requests.length === 0) return named;
  const ofFolder = requests.filter((request) => !named.some((other) => isSamePlugin(request, other)));
  warn(`${directory} names plugins, which are code: ${requests.map(({ name }) => name).join(', ')}`);
  if (trust || ofFolder.length === 0) return [...ofFolder, ...named];
  throw new FlatminError(
    'PLUGIN_NOT_LOADED',
    `${directory} would load ${ofFolder.map(({ name }) => name).join(', ')}, which could do anything that you can. If you know ` +
      'who made them, add --trust, or name each one, relative to the working directory, with --plugin.',
  );
}
