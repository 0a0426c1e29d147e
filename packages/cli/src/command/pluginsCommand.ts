import { FlatminError } from '@flatmin/core';
import { Help } from 'commander';
import { closest, didYouMean } from '@flatmin/core/internal';
import { describeOptions, type OptionDescription, type Plugin, type PluginKind, show } from '@flatmin/core/plugin';
import type { Distribution } from '@flatmin/experiments';
import { namedHere, openContainer } from '@flatmin/experiments/internal';
import { print, printJson } from '@flatmin/experiments/terminal';

export interface PluginsCommandOptions {
  readonly json?: true;
  readonly plugin?: readonly string[];
}

/** Lists what is registered, or shows one of it with every option; ends with 1 where a plugin was refused. */
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
  else print(id === undefined ? listText(described) : described.map(pluginText).join('\n\n'));
}

/** What a list begins with, in the order in which a config names them. */
const headings: Readonly<Record<PluginKind, string>> = {
  variant: 'Variants, each over a base:',
  meta: 'Around a variant:',
  base: 'Bases, which take the steps, also alone:',
  dataset: 'Data sets:',
  model: 'Models:',
};

/** A line for each plugin, or two, by kind, within 80 columns. */
function listText(plugins: readonly PluginDescription[]): string {
  const help = new Help();
  help.prepareContext({ helpWidth: 80 });
  const sections = Object.entries(headings).map(([kind, heading]) => {
    const ofKind = plugins.filter((plugin) => plugin.kind === kind).sort((a, b) => (a.id < b.id ? -1 : 1));
    const width = Math.max(...ofKind.map(({ id }) => id.length));
    return [heading, ...ofKind.map(({ id, description }) => help.formatItem(id, width, description, help))].join('\n');
  });
  return [...sections, "'flatmin plugins sam' shows the options of one, --json those of all."].join('\n\n');
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
