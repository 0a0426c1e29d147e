import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as z from 'zod';
import { layerScales } from '../variant/layerScales.js';
import { averageSchema } from '../base/averaged.js';
import { lookaheadSchema } from '../base/lookahead.js';
import { groupsSchema, type ParameterGroup } from '../variant/parameterGroups.js';
import { validated } from '../errors/issues.js';
import { jsonSchemaOf, typeText } from '../errors/schemaText.js';
import {
  describeOptions,
  type OptionDescription,
  type SharedOption,
  sharedOptions,
  variantOptions,
} from '../plugin/options.js';
import type { PluginKind } from '../plugin/plugin.js';
import type { AroundSettings } from '../base/aroundBase.js';
import type { ProblemList } from '../errors/problemList.js';
import type { OptimizerSetup } from '../step/setup.js';

/** The options that core itself understands. */
export const levelSchemas = {
  clipNorm: z.number().positive().describe('the final gradient is scaled down to this norm, once'),
  centralize: z
    .boolean()
    .describe("true subtracts from each kernel's final gradient its mean over the inputs of each output"),
  groups: groupsSchema,
  lookahead: lookaheadSchema,
  average: averageSchema,
  accumulate: z.int().min(1).describe('cuts every pass of a step into that many micro-batches'),
  guard: z
    .boolean()
    .describe('true refuses a non-finite loss or gradient before anything changes; reads one scalar per step'),
  seed: z.int().min(0).describe('determines every random number of the optimizer'),
  variant: z
    .strictObject({
      every: z
        .int()
        .min(1)
        .optional()
        .describe('perturbs every n-th step, beginning with the first step of the window'),
      start: z.int().min(0).optional().describe('the first step that perturbs'),
      end: z.int().min(1).optional().describe('the first step that no longer perturbs; larger than start'),
      layerScales: z
        .enum(layerScales)
        .optional()
        .describe('spectral: each layer is perturbed by rho sqrt(fan out / fan in), whatever the width of the network'),
      microBatches: z.int().min(1).optional().describe('parts of a batch, each with its own perturbation'),
    })
    .refine(({ start = 0, end = Infinity }) => end > start, {
      message: 'is not larger than start',
      path: ['end'],
    }),
};

/** Defaults of the options of a level; the other options have none. */
export const levelDefaults = {
  centralize: false,
  accumulate: 1,
  guard: false,
  seed: 0,
  every: 1,
  start: 0,
  microBatches: 1,
} as const;

/**
 * The options that a spec of this kind takes in addition to those of its plugin: `ofKind` at its own level only, `once`
 * at any one level of the spec.
 */
export function describeLevel(kind: PluginKind): {
  readonly ofKind: readonly OptionDescription[];
  readonly once: readonly OptionDescription[];
} {
  if (kind === 'dataset' || kind === 'model') return { ofKind: [], once: [] };
  const ofVariants = describeOptions({ options: levelSchemas.variant });
  const optional = { required: false } as const;
  const ofMetas: readonly OptionDescription[] = [
    {
      name: 'inner',
      type: 'spec',
      default: { use: 'sam' },
      ...optional,
      description: 'what it wraps: a variant, or another meta',
    },
    {
      name: 'rho',
      type: 'number >= 0 | schedule',
      ...optional,
      description: 'the radius of the wrapped variant, if inner has none',
    },
  ];
  const base = {
    name: 'base',
    type: 'spec',
    required: true,
    description: 'the optimizer that takes the steps, with its learning rate',
  };
  const once = sharedOptions.flatMap((name) => {
    if (name === 'base') return kind === 'base' ? [] : [base];
    const schema = jsonSchemaOf(levelSchemas[name]) ?? {};
    return { name, type: typeText(schema), ...optional, description: schema.description ?? '' };
  });
  const ofKind = { variant: inOrder(ofVariants), meta: ofMetas, base: [] }[kind];
  return { ofKind: ofKind.map(withDefault), once: once.map(withDefault) };
}

const inOrder = (options: readonly OptionDescription[]): readonly OptionDescription[] =>
  variantOptions.flatMap((name) => options.filter((option) => option.name === name));

function withDefault(option: OptionDescription): OptionDescription {
  const value = (levelDefaults as Readonly<Record<string, unknown>>)[option.name];
  return value === undefined ? option : { ...option, default: value };
}

/** Reads what every variant takes; undefined, and the problems noted, where it is not valid. */
export function parseVariantSettings(
  given: Record<string, unknown>,
  path: string,
  problems: ProblemList,
): z.infer<typeof levelSchemas.variant> | undefined {
  const { output, problems: found } = validated(levelSchemas.variant, given, { name: 'a variant' });
  problems.addAll(found, path);
  return output;
}

type SharedSetup = Partial<
  Pick<OptimizerSetup, 'clipNorm' | 'centralize' | 'groups' | 'accumulate' | 'guard' | 'seed'> &
    Pick<AroundSettings, 'average' | 'lookahead'>
>;

interface Given {
  readonly value: unknown;
  readonly path: string;
  /** With defaults; undefined where it is not valid, and of a base. */
  readonly output?: unknown;
}

/** What the levels of a spec share, and where each stood. */
export class SharedOptions {
  readonly given: Partial<Record<SharedOption, Given>> = {};
  readonly #problems: ProblemList;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  /** Takes an option; refuses the second of a kind, and values out of range. */
  take(key: SharedOption, value: unknown, path: string): void {
    const first = this.given[key];
    if (first !== undefined) {
      this.#problems.add(path, value, `${key} is already given at ${first.path}`, `Give ${key} once, at any level.`);
      return;
    }
    if (key === 'base') return void (this.given.base = { value, path });
    const { output, problems } = validated(levelSchemas[key] as StandardSchemaV1, value, { name: key });
    this.given[key] = { value, path, output };
    this.#problems.addAll(problems, path);
  }

  /** Whether groups perturb some parameters by another factor than 1. */
  get hasGroupRadii(): boolean {
    const groups = this.given.groups?.value;
    return Array.isArray(groups) && groups.some((group: ParameterGroup) => (group.rho ?? 1) !== 1);
  }

  /** As given, for what `getConfig` writes. */
  written(): Readonly<Record<string, unknown>> {
    const entries = Object.entries(this.given).filter(([key]) => key !== 'base');
    return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
  }

  /** With their defaults, for a setup. */
  settings(): SharedSetup {
    const entries = Object.entries(this.given).filter(([key]) => key !== 'base');
    return Object.fromEntries(entries.map(([key, { output }]) => [key, output]));
  }
}
