import type { Distribution } from '@flatmin/experiments';
import { namedHere, openContainer } from '@flatmin/experiments/internal';
import { configSchema } from '../schema/configSchema.js';
import { printJson } from '@flatmin/experiments/terminal';

export interface SchemaCommandOptions {
  readonly plugin?: readonly string[];
  /** Of configs of `flatmin compare`. */
  readonly compare?: true;
}

/** Prints the JSON Schema of configs, with every plugin that is there; ends with 1 where one was refused. */
export async function schemaCommand(
  { plugin, compare }: SchemaCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const { container, refused } = await openContainer(namedHere(plugin), distribution);
  if (refused.length > 0) process.exitCode = 1;
  printJson(configSchema(container.plugins(), compare === true ? 'compare' : 'train'));
}
