import { createContainer, type FlatminContainer, isFlatminError } from '@flatmin/core';
import { terminalLogger } from './logger.js';
import { warn } from '../terminal/terminal.js';
import { type Distribution, pluginsOfDistribution } from './distribution.js';
import { type Contribution, isSamePlugin, loadPlugin, type PluginRequest } from './loadPlugin.js';

export interface OpenedContainer {
  readonly container: FlatminContainer;
  /** Names of what was refused; each has been said on standard error. */
  readonly refused: readonly string[];
}

/**
 * The container with the plugins of the distribution and what the user named. What cannot be loaded, is not a plugin,
 * claims a taken id or breaks the container is refused by its name on standard error, and the rest works.
 */
export async function openContainer(
  requests: readonly PluginRequest[],
  distribution: Distribution,
): Promise<OpenedContainer> {
  let all: Contribution = { plugins: await pluginsOfDistribution(distribution), modules: [terminalLogger] };
  let container = createContainer(all);
  const refused: string[] = [];
  for (const request of distinct(requests)) {
    try {
      const { plugins, modules } = await loadPlugin(request);
      const more = { plugins: [...all.plugins, ...plugins], modules: [...all.modules, ...modules] };
      container = createContainer(more);
      all = more;
    } catch (error) {
      if (!isFlatminError(error)) throw error;
      refused.push(request.name);
      warn(`flatmin: ${request.name} was refused (${error.code}): ${error.message}`);
    }
  }
  return { container, refused };
}

/** What was named on the command line, meant from the working directory. */
export const namedHere = (names: readonly string[] = []): readonly PluginRequest[] =>
  names.map((name) => ({ name, from: process.cwd() }));

/** A config and the command line may name the same. */
function distinct(requests: readonly PluginRequest[]): readonly PluginRequest[] {
  return requests.filter((request, i) => requests.findIndex((other) => isSamePlugin(request, other)) === i);
}
