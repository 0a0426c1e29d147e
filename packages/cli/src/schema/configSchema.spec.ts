import type { FlatminContainer } from '@flatmin/core';
import { definePlugin, describeOptions } from '@flatmin/core/plugin';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { checkConfig, gridOf, parseJson, openContainer } from '@flatmin/experiments/internal';
import { configSchema } from './configSchema.js';
import type { Schema } from './definition.js';

const root = path.join(__dirname, '../../../..');
const distribution = { version: '0.0.0', plugins: 'flatmin/node' };
/** What somebody else's package gives. */
const request = { name: path.join(root, 'docs/examples/third-party-variant/src/index.js'), from: root };

let container: FlatminContainer;
let definitions: Readonly<Record<string, Schema>>;
let validate: ValidateFunction;
beforeAll(async () => {
  ({ container } = await openContainer([request], distribution));
  const schema = configSchema(container.plugins());
  definitions = schema['$defs'] as typeof definitions;
  validate = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false }).compile(schema);
});

/** What `--check` says of the file itself. */
function isRefused(config: unknown): boolean {
  try {
    checkConfig(config, 'c.json', container);
    return false;
  } catch {
    return true;
  }
}

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const inFolder = (folder: string, ending: string): string[] =>
  readdirSync(path.join(root, folder)).flatMap((name) =>
    name.endsWith(ending) ? [path.posix.join(folder, name)] : [],
  );

/** Every config that the repository shows: the examples, and the blocks of guides and READMEs. */
const shown = [
  ...inFolder('docs/examples', '.json').map((file) => [file, parseJson(read(file), file)] as const),
  ...[...inFolder('docs/guides', '.md'), 'packages/cli/README.md'].flatMap((file) =>
    [...read(file).matchAll(/^```jsonc?\n([\s\S]*?)^```/gm)]
      .map(([, block = '']) => [file, parseJson(block, file)] as const)
      .filter(([, value]) => typeof value === 'object' && value !== null && 'optimizer' in value),
  ),
];

/** The same of comparisons. */
const compared = [
  ...['docs/studies', 'docs/studies/benchmarks']
    .flatMap((folder) => inFolder(folder, '.json'))
    .map((file) => [file, parseJson(read(file), file)] as const),
  ...[...inFolder('docs/guides', '.md'), 'packages/cli/README.md'].flatMap((file) =>
    [...read(file).matchAll(/^```jsonc?\n([\s\S]*?)^```/gm)].map(
      ([, block = '']) => [file, parseJson(block, file)] as const,
    ),
  ),
].filter(([, value]) => typeof value === 'object' && value !== null && 'methods' in value);

const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const good = {
  $schema: './flatmin.schema.json',
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [16] },
  optimizer: { use: 'lets', preset: 'robust', inner: { use: 'sam', rho: 0.1, base } },
  epochs: 2,
  batchSize: 64,
};
const { optimizer } = good;

const right: Readonly<Record<string, object>> = {
  'a base alone': { optimizer: { use: 'sgd', learningRate: 0.1, clipNorm: 1 } },
  'a base at the outer level': { optimizer: { use: 'lets', inner: { use: 'asam' }, base } },
  'what stands once, at the inner level': {
    optimizer: { use: 'lets', inner: { use: 'sam', base, seed: 1, guard: true } },
  },
  'a meta around a meta': { optimizer: { use: 'rst', p: 0.5, inner: { use: 'ae-sam', inner: { use: 'sam', base } } } },
  'a meta whose inner is the default': { optimizer: { use: 'looksam', rho: 0.1, base } },
  'a schedule of rho, and a window': {
    optimizer: { use: 'sam', rho: { schedule: 'cosine', from: 0.1, to: 0 }, every: 2, start: 10, base },
  },
  'a plugin of somebody else': { plugins: ['flatmin-linf-sam'], optimizer: { use: 'linf-sam', base } },
  'a schedule of the learning rate': { learningRate: { schedule: 'one-cycle', rate: 0.1 } },
  'every setting of the run': {
    seeds: [1, 2],
    evaluate: { parts: ['validation'], every: 2 },
    earlyStopping: { metric: 'validation.accuracy', patience: 3 },
    mix: { mixup: { alpha: 0.2 }, cutmix: {}, prob: 0.5, switchProb: 0.3 },
    checkpointEvery: 10,
    eager: true,
  },
};

const mistakes: Readonly<Record<string, object>> = {
  'a field that there is not': { epoch: 3 },
  'a number in quotes': { batchSize: '64' },
  'no epochs at all': { epochs: 0 },
  'seed and seeds': { seed: 1, seeds: [1] },
  'an unknown id': { optimizer: { use: 'asma', base } },
  'a data set for a model': { model: { use: 'digits' } },
  'a model for a data set': { dataset: { use: 'mlp', hidden: [4] } },
  'an option that there is not': { optimizer: { use: 'sam', roh: 0.1, base } },
  'an option of a base that there is not': { optimizer: { use: 'sam', base: { ...base, momentun: 0.9 } } },
  'a negative rho inside of LETS': { optimizer: { ...optimizer, inner: { use: 'sam', rho: -1, base } } },
  'a preset that there is not': { optimizer: { ...optimizer, preset: 'robuust' } },
  'a variant without a base': { optimizer: { use: 'sam', rho: 0.1 } },
  'a meta without a base': { optimizer: { use: 'lets', inner: { use: 'sam' } } },
  'a variant for a base': { optimizer: { use: 'sam', base: { use: 'asam' } } },
  'a base that is wrapped': { optimizer: { use: 'lets', inner: base } },
  'a schedule that there is not': { optimizer: { use: 'sam', rho: { schedule: 'cosin', from: 1, to: 0 }, base } },
  'a schedule of the learning rate with a field too many': { learningRate: { schedule: 'constant', warmupEpochs: 1 } },
  'early stopping on the test part': { earlyStopping: { metric: 'test.loss' } },
  'a slip in a name of the mix': { mix: { mixup: { alpa: 0.2 } } },
  'a mix of a strength of none': { mix: { cutmix: { alpha: 0 } } },
  'a required option that is missing': { optimizer: { use: 'sam', base: { use: 'momentum', momentum: 0.9 } } },
  'no optimizer': { optimizer: undefined },
};

/** As it stands in a file. */
const withChange = (change: object): unknown => JSON.parse(JSON.stringify({ ...good, ...change }));

describe('the JSON Schema of a config', () => {
  it.each(shown)('takes the config of %s, as --check does', (_, config) => {
    expect({ valid: validate(config), errors: validate.errors }).toEqual({ valid: true, errors: null });
    expect(isRefused(config)).toBe(false);
  });

  it.each(Object.entries(right))('takes %s, as --check does', (_, change) => {
    const config = withChange(change);
    expect({ valid: validate(config), errors: validate.errors }).toEqual({ valid: true, errors: null });
    expect(isRefused(config)).toBe(false);
  });

  it.each(Object.entries(mistakes))('refuses %s, as --check does', (_, change) => {
    const config = withChange(change);
    expect(validate(config)).toBe(false);
    expect(isRefused(config)).toBe(true);
  });

  it('describes every option of every plugin, with its default', () => {
    for (const plugin of container.plugins()) {
      const { properties } = definitions[`${plugin.kind}-${plugin.id}`] as { properties: Record<string, Schema> };
      for (const { name, description, ...option } of describeOptions(plugin)) {
        expect({ plugin: plugin.id, ...properties[name] }).toMatchObject({ plugin: plugin.id, description });
        if ('default' in option) expect(properties[name]).toMatchObject({ default: option.default });
      }
      expect(properties['use']).toEqual({ const: plugin.id });
    }
    expect(definitions['inner']).toMatchObject({ default: { use: 'sam' } });
  });

  it('says which ids there are, with what each is', () => {
    const idsOf = (name: string): readonly unknown[] =>
      (definitions[name] as { properties: { use: { anyOf: readonly { const: string }[] } } }).properties.use.anyOf;
    expect(idsOf('optimizer')).toContainEqual({
      const: 'linf-sam',
      description: 'SAM whose ball is a cube: every weight moves by rho, up or down.',
    });
    expect(idsOf('base')).toContainEqual(expect.objectContaining({ const: 'adamw' }));
    expect(idsOf('base')).not.toContainEqual(expect.objectContaining({ const: 'sam' }));
    expect(idsOf('inner')).not.toContainEqual(expect.objectContaining({ const: 'sgd' }));
    expect(idsOf('dataset')).toContainEqual(expect.objectContaining({ const: 'image-folder' }));
  });

  it('keeps what the schema of a plugin says of itself by name', () => {
    const tree = z.strictObject({
      get parts() {
        return z.array(tree).optional();
      },
    });
    const mine = definePlugin({
      ...{ kind: 'dataset', id: 'mine', apiVersion: 1 },
      options: z.strictObject({ tree }),
      create: () => ({}) as never,
    });
    const check = new Ajv2020({ strictTypes: false, strictRequired: false }).compile(
      configSchema([...container.plugins(), mine]),
    );
    const withTree = (parts: unknown): unknown => ({ ...good, dataset: { use: 'mine', tree: { parts } } });
    expect(check(withTree([{ parts: [{}] }]))).toBe(true);
    expect(check(withTree([{ parts: [{ part: 1 }] }]))).toBe(false);
  });

  it('takes anything of a plugin whose options JSON Schema cannot say', () => {
    const validateAll = (value: unknown) => ({ value });
    const options = { '~standard': { version: 1, vendor: 'by-hand', validate: validateAll } } as never;
    const mine = { kind: 'dataset' as const, id: 'mine', apiVersion: 1, options, create: () => ({}) as never };
    const check = new Ajv2020({ strict: false }).compile(configSchema([...container.plugins(), mine]));
    expect(check({ ...good, dataset: { use: 'mine', whatever: [1] } })).toBe(true);
  });
});

describe('the schema of comparisons', () => {
  it.each(compared)('takes the one of %s, as compare does', (file, value) => {
    const schema = configSchema(container.plugins(), 'compare');
    const check = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false }).compile(schema);
    expect([check(value), check.errors]).toEqual([true, null]);
    expect(() => gridOf(value, file, container)).not.toThrow();
    const wrong = { ...(value as object), methods: { SAM: { use: 'sam', roh: 1, base } }, swep: {} };
    expect(check(wrong)).toBe(false);
    expect(
      check.errors?.map(({ instancePath, params }) => [
        instancePath,
        (params as { additionalProperty?: string }).additionalProperty,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['', 'swep'],
        ['/methods/SAM', 'roh'],
      ]),
    );
  });

  it('is given where the guides show comparisons', () => {
    expect(compared.map(([file]) => file)).toEqual(
      expect.arrayContaining(['docs/studies/lets-small.json', 'docs/guides/choose-rho.md', 'packages/cli/README.md']),
    );
  });
});
