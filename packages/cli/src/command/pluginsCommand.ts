import { FlatminError } from '@flatmin/core';
import { closest, didYouMean } from '@flatmin/core/internal';
import { describeOptions, type OptionDescription, type Plugin, show } from '@flatmin/core/plugin';
import type { Distribution } from '@flatmin/experiments';
import { namedHere, openContainer } from '@flatmin/experiments/internal';
import { print, printJson } from '@flatmin/experiments/terminal';

export interface PluginsCommandOptions {
  readonly json?: true;
  readonly plugin?: readonly string[];
}

/** Lists what is registered, or one of it, with every option; ends with 1 where a plugin was refused. */
export async function pluginsCommand(
  id: string | undefined,
  options: PluginsCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const { container, refused } = await openContainer(namedHere(options.plugin), distribution);
  if (refused.length > 0) process.exitCode = 1;
  const all = container.plugins();
  const plugins = id === undefined ? all : all.filter((plugin) => plugin.id === id);
  if (plugins.length === 0) {
    const known = all.map((plugin) => plugin.id);
    const meant = closest(id ?? '', known);
    const remedy = meant === undefined ? `Known: ${known.join(', ')}.` : didYouMean(meant);
    throw new FlatminError('PLUGIN_UNKNOWN', `no plugin has the id ${show(id)}. ${remedy}`);
  }
  const described = plugins.map(describePlugin);
  if (options.json) printJson(described);
  else print(described.map(pluginText).join('\n\n'));
}

interface PluginDescription {
  readonly kind: string;
  readonly id: string;
  readonly description: string;
  readonly readsBack?: string;
  readonly options: readonly OptionDescription[];
}

function describePlugin(plugin: Plugin): PluginDescription {
  const { kind, id, description = '', readsBack } = plugin;
  return { kind, id, description, ...(readsBack !== undefined && { readsBack }), options: describeOptions(plugin) };
}

function pluginText({ kind, id, description, readsBack, options }: PluginDescription): string {
  const head = [`${id} (${kind})`, description].filter(Boolean).join(': ');
  const lines = options.map((option) => {
    const { name, type, required } = option;
    const given = required
      ? 'required'
      : 'default' in option
        ? `default ${JSON.stringify(option.default)}`
        : 'optional';
    return `  ${name}  ${type}, ${given}${option.description === '' ? '' : `\n      ${option.description}`}`;
  });
  if (readsBack !== undefined) lines.push(`  reads values back in each step: ${readsBack}`);
  return [head, ...lines].join('\n');
}
