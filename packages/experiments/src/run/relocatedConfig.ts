import type { FlatminContainer } from '@flatmin/core';
import type { RunConfig } from '../config/runConfig.js';
import { withPathsTo } from '../config/specPaths.js';
import { type PluginRequest, relocated } from '../plugins/loadPlugin.js';

/** What a config needs beside itself: a container that knows its plugins, and where those come from. */
export interface ConfigOrigin {
  readonly container: FlatminContainer;
  readonly requests: readonly PluginRequest[];
}

/** A config as its run folder has it: with the plugins of the command line, and paths from that folder. */
export function relocatedConfig(
  config: RunConfig,
  { container, requests }: ConfigOrigin,
  directory: string,
): RunConfig {
  const plugins = [...new Set(requests.map((request) => relocated(request, directory)))];
  const model = withPathsTo(config.model, container, directory);
  return { ...config, model, ...(plugins.length > 0 && { plugins }) };
}
