import type { Plugin } from '@flatmin/core/plugin';
import { jsonSchemaOf } from '@flatmin/core/internal';
import { compareConfigSchema, runConfigSchema } from '@flatmin/experiments/internal';
import { choiceOf, definitionOf, nameOf, ref, type Schema } from './definition.js';
import { optimizerDefinitions } from './optimizerDefinitions.js';

/** The command that reads a config. */
export type ConfigKind = 'train' | 'compare';

/**
 * The JSON Schema of a config of `flatmin train` or `flatmin compare` with these plugins, for editors: they complete
 * `use` and the options of each plugin at every level, and show descriptions and defaults. It is made from the schemas
 * that check configs, and refuses nothing that they take. They refuse more: what depends on several fields, on the
 * data, or on files.
 */
export function configSchema(plugins: readonly Plugin[], kind: ConfigKind = 'train'): Schema {
  const config = jsonSchemaOf(kind === 'train' ? runConfigSchema : compareConfigSchema) as Schema & {
    readonly properties: Readonly<Record<string, Schema>>;
  };
  const [dataSets, models] = (['dataset', 'model'] as const).map((each) =>
    plugins.filter((plugin) => plugin.kind === each),
  );
  const methods = { ...config.properties['methods'], additionalProperties: ref('optimizer') };
  return {
    ...config,
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `A config of flatmin ${kind}`,
    properties: {
      ...config.properties,
      dataset: ref('dataset'),
      model: ref('model'),
      optimizer: ref('optimizer'),
      ...(kind === 'compare' && { methods }),
    },
    not: { description: 'either seed or seeds', required: ['seed', 'seeds'] },
    $defs: {
      dataset: choiceOf('the data set', dataSets ?? []),
      model: choiceOf('the model', models ?? []),
      ...Object.fromEntries(
        [...(dataSets ?? []), ...(models ?? [])].map((plugin) => [nameOf(plugin), definitionOf(plugin)]),
      ),
      ...optimizerDefinitions(plugins),
    },
  };
}
