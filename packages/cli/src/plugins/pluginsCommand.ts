import { Help } from 'commander';
import { describeOptions, type OptionDescription, type Plugin, type PluginFacts } from '@flatmin/core/plugin';
import type { Distribution } from '@flatmin/experiments';
import { namedHere, openContainer } from '@flatmin/experiments/internal';
import { heading, printJson, printStyled, terminalColumns, terminalText } from '@flatmin/experiments/terminal';
import { exampleConfig } from './exampleConfig.js';
import { pluginById } from './pluginById.js';
import { headings, pluginText } from './pluginText.js';

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
  const plugins = id === undefined ? all : [pluginById(id, all)];
  if (options.json) printJson(plugins.map(describePlugin));
  else printStyled(id === undefined ? listText(plugins) : pluginText(plugins[0] as Plugin, terminalColumns()));
}

/** A line for each plugin, or two, by kind, within the columns of a terminal. */
function listText(plugins: readonly Plugin[]): string {
  const help = new Help();
  help.prepareContext({ helpWidth: Math.min(terminalColumns(), 100) });
  const sections = Object.entries(headings).map(([kind, title]) => {
    const ofKind = plugins.filter((plugin) => plugin.kind === kind).sort((a, b) => (a.id < b.id ? -1 : 1));
    const width = Math.max(...ofKind.map(({ id }) => id.length));
    const lines = ofKind.map(({ id, description = '' }) => help.formatItem(id, width, terminalText(description), help));
    return [heading(title), ...lines].join('\n');
  });
  return [...sections, "'flatmin plugins sam' shows one, with a config to copy; --json prints all."].join('\n\n');
}

interface PluginDescription {
  readonly kind: string;
  readonly id: string;
  readonly description: string;
  readonly readsBack?: string;
  readonly about?: PluginFacts;
  readonly options: readonly OptionDescription[];
  /** A config that shows it. */
  readonly config: Readonly<Record<string, unknown>>;
}

function describePlugin(plugin: Plugin): PluginDescription {
  const { kind, id, description = '', readsBack, about } = plugin;
  const said = { ...(readsBack !== undefined && { readsBack }), ...(about && { about }) };
  return { kind, id, description, ...said, options: describeOptions(plugin), config: exampleConfig(plugin) };
}
