import { jsonSchemaOf, levelSchemas, sharedOptions } from '@flatmin/core/internal';
import type { Plugin } from '@flatmin/core/plugin';
import {
  choiceOf,
  definitionOf,
  nameOf,
  numberOrSchedule,
  type OptionSchemas,
  ref,
  type Schema,
} from './definition.js';

const withoutDialect = ({ $schema: _, ...schema }: Schema): Schema => schema;

const described = (schema: Parameters<typeof jsonSchemaOf>[0]): Schema =>
  withoutDialect(jsonSchemaOf(schema) as Schema);

/** What stands once in an optimizer spec, at whatever level, but for its base. */
const once: OptionSchemas = Object.fromEntries(
  sharedOptions.flatMap((key) => (key === 'base' ? [] : [[key, described(levelSchemas[key])]])),
);

/** What every variant takes beside its own options. */
const ofVariants = described(levelSchemas.variant)['properties'] as OptionSchemas;

const ofMetas: OptionSchemas = {
  inner: ref('inner'),
  rho: { description: 'the radius of the wrapped variant, if inner has none', ...ref('number-or-schedule') },
};

const isOf =
  (...kinds: readonly Plugin['kind'][]) =>
  ({ kind }: Plugin): boolean =>
    kinds.includes(kind);

/** Definitions of everything that an optimizer spec may hold, `optimizer` itself among them. */
export function optimizerDefinitions(plugins: readonly Plugin[]): Readonly<Record<string, Schema>> {
  const bases = plugins.filter(isOf('base'));
  const wrapped = plugins.filter(isOf('variant', 'meta'));
  const levels = { base: ref('base'), ...once };
  const aloneOf = ({ id }: Plugin): string => `base-alone-${id}`;
  return {
    optimizer: choiceOf(
      'the optimizer: a variant or a meta around one, with a base; or a base alone',
      [...wrapped, ...bases],
      (plugin) => (plugin.kind === 'base' ? ref(aloneOf(plugin)) : { allOf: [ref(nameOf(plugin)), ref('with-base')] }),
    ),
    'with-base': {
      description: 'the base is given at one of the levels',
      anyOf: [{ required: ['base'] }, { required: ['inner'], properties: { inner: ref('with-base') } }],
    },
    inner: { ...choiceOf('what is wrapped: a variant, or another meta', wrapped), default: { use: 'sam' } },
    'number-or-schedule': { anyOf: numberOrSchedule },
    base: choiceOf('what takes the step: an optimizer of TF.js, or one that flatmin adds', bases),
    ...Object.fromEntries(
      wrapped.map((plugin) => [
        nameOf(plugin),
        definitionOf(plugin, { ...(plugin.kind === 'meta' ? ofMetas : ofVariants), ...levels }),
      ]),
    ),
    ...Object.fromEntries(bases.map((plugin) => [nameOf(plugin), definitionOf(plugin)])),
    ...Object.fromEntries(bases.map((plugin) => [aloneOf(plugin), definitionOf(plugin, once, aloneOf(plugin))])),
  };
}
