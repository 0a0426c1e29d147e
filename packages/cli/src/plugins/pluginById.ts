import { FlatminError } from '@flatmin/core';
import { suggestion } from '@flatmin/core/internal';
import { type Plugin, type PluginKind, show } from '@flatmin/core/plugin';

/**
 * The plugin of an id that a user gave, of some kinds.
 *
 * @throws FlatminError PLUGIN_UNKNOWN with the id that was probably meant, or all there are.
 */
export function pluginById(id: string, plugins: readonly Plugin[], ...kinds: readonly PluginKind[]): Plugin {
  const ofKinds = plugins.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  const found = ofKinds.find((plugin) => plugin.id === id);
  if (found !== undefined) return found;
  const known = ofKinds.map((plugin) => plugin.id);
  const what = kinds.length === 0 ? 'plugin' : kinds.join(' or ');
  throw new FlatminError(
    'PLUGIN_UNKNOWN',
    `no ${what} has the id ${show(id)}. ${suggestion(id, known, `Known: ${known.join(', ')}.`)}`,
  );
}
