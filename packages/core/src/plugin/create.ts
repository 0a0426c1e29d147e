import { show } from '../errors/errors.js';
import { awaitPlugin, faulty, runPlugin } from '../errors/faults.js';
import type { Plugin, PluginKind, PluginKinds } from './plugin.js';
import { isTensor } from '../tensors/tensors.js';

interface Need {
  /** False for what may be absent. */
  readonly isRequired?: false;
  readonly is: (value: unknown) => boolean;
  /** Completes "is 3, not ...". */
  readonly expected: string;
}

const need = (expected: string, is: Need['is']): Need => ({ expected, is });
const method = need('a function', (value) => typeof value === 'function');
const optional = (expected: Need): Need => ({ ...expected, isRequired: false });
const text = need('a string', (value) => typeof value === 'string');
const number = need('a number', (value) => typeof value === 'number');
const count = (least: number): Need =>
  need(`a whole number from ${least}`, (value) => Number.isInteger(value) && (value as number) >= least);
const shape = need(
  'a list of whole numbers',
  (value) => Array.isArray(value) && value.every((side) => Number.isInteger(side) && side > 0),
);
const scale = need('absent, or { mean, deviation } of finite numbers, the deviation above 0', (value) => {
  const { mean, deviation } = (value ?? { mean: 0, deviation: 1 }) as Record<string, unknown>;
  return Number.isFinite(mean) && Number.isFinite(deviation) && (deviation as number) > 0;
});
const variables = need('a list of tf.Variables', (value) => Array.isArray(value) && value.every(isTensor));

const variant = {
  id: text,
  radius: need('linear, first-order or none', (value) => ['linear', 'first-order', 'none'].includes(value as string)),
  initialState: method,
  estimate: method,
  graphKey: optional(method),
  afterUpdate: optional(method),
  mergeStates: optional(method),
  attach: optional(method),
  learnedRadius: optional(
    need('what reads and writes it', (value) => {
      const { initial, min, max, read, write } = (value ?? {}) as Readonly<Record<string, unknown>>;
      return [initial, min, max].every(number.is) && [read, write].every(method.is);
    }),
  ),
};
const part = (name: string): Record<string, Need> => ({ [`${name}.size`]: count(0), [`${name}.batches`]: method });

/** What each kind of plugin has to give: the members without which nothing works. */
const needs: Readonly<Record<PluginKind, Readonly<Record<string, Need>>>> = {
  variant,
  meta: variant,
  base: {
    id: text,
    learningRate: number,
    owned: method,
    apply: method,
    option: method,
    slot: method,
    save: method,
    restore: method,
    dispose: method,
    needsEagerStep: optional(method),
    constants: optional(method),
  },
  dataset: {
    id: text,
    inputShape: shape,
    classes: count(1),
    targetScale: scale,
    ...part('train'),
    ...part('validation'),
    ...part('test'),
  },
  model: { description: text, variables, apply: method, dispose: method },
};

/** How errors name a plugin. */
export const nameOf = ({ id, kind }: Pick<Plugin, 'id' | 'kind'>): string => `plugin ${show(id)} (${kind})`;

const memberOf = (product: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], product);

/** Refuses, by the plugin's name, what is not of its kind. */
function checkProduct<T>(plugin: Pick<Plugin, 'id' | 'kind'>, product: T): T {
  if (typeof product !== 'object' || product === null) {
    throw faulty(nameOf(plugin), `made ${show(product)}, which is not a ${plugin.kind}`);
  }
  for (const [path, { expected, is, isRequired }] of Object.entries(needs[plugin.kind])) {
    const value = memberOf(product, path);
    if (value === undefined && isRequired === false) continue;
    if (!is(value))
      throw faulty(
        nameOf(plugin),
        `made something that is not a ${plugin.kind}: ${path} is ${show(value)}, not ${expected}`,
      );
  }
  return product;
}

type Synchronous = Exclude<PluginKind, 'dataset'>;

/**
 * What a plugin makes of options that were parsed.
 *
 * @throws FlatminError PLUGIN_FAULTY, by its name, where it throws or makes something else; its own errors pass.
 */
export function productOf<K extends Synchronous>(
  plugin: Plugin<K>,
  options: unknown,
  context: PluginKinds[K]['context'],
): PluginKinds[K]['product'] {
  const product = runPlugin(nameOf(plugin), 'when it was created', () => plugin.create(options, context));
  return checkProduct(plugin, product);
}

/** The same of a data set, which may take its time. */
export async function dataSetOf(
  plugin: Plugin<'dataset'>,
  options: unknown,
): Promise<PluginKinds['dataset']['product']> {
  return checkProduct(
    plugin,
    await awaitPlugin(nameOf(plugin), 'when it was created', () => plugin.create(options, undefined)),
  );
}

/** The same of a model that is loaded. */
export async function loadedProductOf(
  plugin: Plugin<'model'>,
  options: unknown,
  context: PluginKinds['model']['context'],
): Promise<PluginKinds['model']['product']> {
  const load = async () => plugin.load?.(options, context) ?? plugin.create(options, context);
  return checkProduct(plugin, await awaitPlugin(nameOf(plugin), 'when it was loaded', load));
}
