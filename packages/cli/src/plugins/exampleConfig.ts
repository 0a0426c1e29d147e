import type { Spec } from '@flatmin/core';
import type { Plugin, PluginExample } from '@flatmin/core/plugin';

/** Data, model and base of a config that shows a plugin, where the plugin says nothing else. */
const usual = {
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [100, 100] },
  base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 },
} as const satisfies Readonly<Record<string, Spec>>;

/** The optimizer of a config that shows a plugin: over a base, around a variant, or alone. */
export function exampleOptimizer(
  { id, kind, example: { options = {}, base: ownBase } = {} }: Pick<Plugin, 'example' | 'id' | 'kind'>,
  base: Spec = ownBase ?? usual.base,
): Spec {
  const spec = { use: id, ...options };
  if (kind === 'base') return spec;
  return kind === 'meta' ? { ...spec, inner: { use: 'sam', base } } : { ...spec, base };
}

/** A config of `flatmin train` that shows a plugin: short, and valid as it stands. */
export function exampleConfig(plugin: Plugin): Readonly<Record<string, unknown>> {
  const { id, kind, example = {} } = plugin;
  const { options, dataset, model, base = usual.base }: PluginExample = example;
  const own: Spec = { use: id, ...options };
  const isOptimizer = kind !== 'dataset' && kind !== 'model';
  return {
    dataset: kind === 'dataset' ? own : (dataset ?? usual.dataset),
    model: kind === 'model' ? own : (model ?? usual.model),
    optimizer: isOptimizer ? exampleOptimizer(plugin) : { use: 'sam', base },
    epochs: 20,
    batchSize: 64,
    seeds: [0, 1, 2],
  };
}

/** A config as people write it: a field a line, what is short in one. */
export function configText(config: Readonly<Record<string, unknown>>, width = 80): string {
  return layout(config, width, '', 0);
}

function layout(value: unknown, width: number, indent: string, taken: number): string {
  const short = inline(value);
  const isTop = indent === '';
  if (!isTop && indent.length + taken + short.length < width) return short;
  if (Array.isArray(value)) return block('[', value.map((each) => layout(each, width, `${indent}  `, 0)), ']', indent); // prettier-ignore
  if (typeof value !== 'object' || value === null) return short;
  const fields = Object.entries(value).map(([name, inner]) => {
    const key = `${JSON.stringify(name)}: `;
    return `${key}${layout(inner, width, `${indent}  `, key.length)}`;
  });
  return block('{', fields, '}', indent);
}

const block = (open: string, lines: readonly string[], close: string, indent: string): string =>
  `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;

/** JSON in one line, with spaces. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${inline(inner)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
