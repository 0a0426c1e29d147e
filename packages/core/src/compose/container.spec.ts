import { describe, expect, it, jest } from '@jest/globals';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as tf from '@tensorflow/tfjs-core';
import { ContainerModule, inject, injectable } from 'inversify';
import { z } from 'zod';
import { createContainer } from './container.js';
import { describeOptions } from '../plugin/options.js';
import { apiVersion, checkPlugin, definePlugin, type Plugin } from '../plugin/plugin.js';
import { RandomStream } from '../tensors/random.js';
import { type Registry } from '../plugin/registry.js';
import {
  plainOutcome,
  pluginOf,
  quadratic,
  rejectionOf,
  thrownBy,
  toySam,
  toySamPlugin,
  variableOf,
  variantOf,
} from '../toys.fixture.js';
import { type Logger, type RandomSource, tokens } from '../contracts/services.js';

const sgd = { use: 'sgd', learningRate: 0.1 };

describe('a container', () => {
  it('has the seven optimizers of TF.js and what it was given, sorted by kind and id', () => {
    const container = createContainer({ plugins: [toySamPlugin] });
    expect(container.plugins().map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'base adadelta',
      'base adagrad',
      'base adam',
      'base adamax',
      'base momentum',
      'base rmsprop',
      'base sgd',
      'variant toy-sam',
    ]);
  });

  it.each<[string, string, unknown]>([
    ['a taken id', 'PLUGIN_DUPLICATE', toySamPlugin],
    ['an id of another kind', 'PLUGIN_DUPLICATE', { ...toySamPlugin, id: 'adam' }],
    ['another API version', 'PLUGIN_API_VERSION', { ...toySamPlugin, id: 'future', apiVersion: 2 }],
    ['no API version', 'PLUGIN_API_VERSION', { ...toySamPlugin, id: 'past', apiVersion: undefined }],
    ['no plugin', 'PLUGIN_INVALID', 'toy-sam'],
    ['nothing', 'PLUGIN_INVALID', null],
    ['a function', 'PLUGIN_INVALID', () => toySamPlugin],
    ['an unknown kind', 'PLUGIN_INVALID', { ...toySamPlugin, kind: 'optimizer' }],
    ['an id in capitals', 'PLUGIN_INVALID', { ...toySamPlugin, id: 'ToySam' }],
    ['options without a schema', 'PLUGIN_INVALID', { ...toySamPlugin, id: 'x', options: {} }],
    ['no create', 'PLUGIN_INVALID', { ...toySamPlugin, id: 'x', create: 1 }],
  ])('refuses by name a plugin with %s', (_, code, plugin) => {
    const error = thrownBy(() => createContainer({ plugins: [toySamPlugin, plugin] }));
    expect(error.code).toBe(code);
    const { id } = (plugin ?? {}) as { id?: string };
    if (id !== undefined) expect(error.message).toContain(`"${id}"`);
  });

  it('is frozen: a plugin that comes later is refused by name', () => {
    const registry = createContainer().get<Registry>(tokens.Registry);
    const error = thrownBy(() => registry.register(toySamPlugin));
    expect(error.code).toBe('PLUGIN_LATE');
    expect(error.message).toContain('"toy-sam"');
  });

  it('tells what it knows when asked for what it does not', () => {
    const container = createContainer({ plugins: [toySamPlugin] });
    const registry = container.get<Registry>(tokens.Registry);
    expect(registry.find('toy-sam')).toBe(toySamPlugin);
    const unknown = thrownBy(() => registry.get('toy-san', 'variant', 'meta'));
    expect(unknown.code).toBe('PLUGIN_UNKNOWN');
    expect(unknown.message).toContain('Did you mean "toy-sam"?');
    expect(thrownBy(() => registry.get('nothing', 'variant')).message).toContain('Known: toy-sam.');
    expect(thrownBy(() => registry.get('adam', 'variant')).message).toContain('is a base');
  });

  it('has its services replaced by a module', () => {
    const lines: string[] = [];
    const logger: Logger = { info: () => undefined, warn: (message) => lines.push(message) };
    const randomSource: RandomSource = { stream: (seed) => new RandomStream(seed + 1000) };
    const module = new ContainerModule(({ rebind }) => {
      rebind<Logger>(tokens.Logger).toConstantValue(logger);
      rebind<RandomSource>(tokens.RandomSource).toConstantValue(randomSource);
    });
    let drawn: number | undefined;
    let works = true;
    const probe = variantOf((step) => ((drawn = step.random.uniforms(1)[0]), plainOutcome(step)), {
      afterUpdate: ({ evaluate, state }) => (evaluate(), { state }),
    });
    const container = createContainer({ plugins: [pluginOf(probe)], modules: [module] });
    expect(container.get<Logger>(tokens.Logger)).toBe(logger);
    const w = variableOf(1);
    const optimizer = container.createOptimizer({ use: 'probe', seed: 5, base: sgd });
    const loss = () => {
      if (!works) throw new Error('gone');
      return quadratic(w)();
    };
    const { grads } = optimizer.computeGradients(loss, [w]);
    works = false;
    optimizer.applyGradients(grads);
    expect(lines).toHaveLength(1);
    expect(drawn).toBe(new RandomStream(1005).at(0).uniforms(1)[0]);
  });

  it('takes plugins from a module too, and refuses one whose needs nobody meets, by name', () => {
    const adding = new ContainerModule(({ bind }) => void bind(tokens.Plugin).toConstantValue(toySamPlugin));
    expect(
      createContainer({ modules: [adding] })
        .plugins()
        .at(-1),
    ).toBe(toySamPlugin);
    @injectable()
    class Needy {
      constructor(@inject(Symbol.for('acme/Absent')) readonly absent: unknown) {}
    }
    const needing = new ContainerModule(({ rebind }) => void rebind(tokens.Logger).to(Needy));
    const error = thrownBy(() => createContainer({ modules: [needing] }));
    expect(error.code).toBe('PLUGIN_MISSING_DEPENDENCY');
    expect(error.message).toContain('acme/Absent');
    const failing = new ContainerModule(() => {
      throw new Error('acme failed');
    });
    expect(thrownBy(() => createContainer({ modules: [failing] })).message).toContain('acme failed');
  });

  it('creates data sets and models from specs, with the problems of theirs', async () => {
    const part = { size: 0, batches: async function* () {} };
    const data = definePlugin({
      kind: 'dataset',
      id: 'toy-data',
      apiVersion: 1,
      options: z.strictObject({ size: z.number().default(3) }),
      create: ({ size }) => ({
        id: `toy-${size}`,
        inputShape: [1],
        classes: 2,
        train: part,
        validation: part,
        test: part,
      }),
    });
    const model = definePlugin({
      kind: 'model',
      id: 'toy-model',
      apiVersion: 1,
      options: z.strictObject({}),
      create: (_, { classes }) => ({
        description: `${classes} classes`,
        variables: [],
        apply: () => tf.zeros<tf.Rank.R2>([1, classes]),
        dispose: () => undefined,
      }),
    });
    const container = createContainer({ plugins: [data, model] });
    expect((await container.createDataSet({ use: 'toy-data' as string, size: 4 })).id).toBe('toy-4');
    const context = { inputShape: [1], classes: 2, random: new RandomStream(0) };
    expect(container.createModel({ use: 'toy-model' as string }, context).description).toBe('2 classes');
    expect((await rejectionOf(container.createDataSet({ use: 'toy-data' as string, siez: 4 }))).message).toContain(
      'siez',
    );
    expect((await rejectionOf(container.createDataSet({ use: 'toy-model' as string }))).code).toBe('PLUGIN_UNKNOWN');
    expect(container.problems('dataset', { use: 'toy-data', size: '4' })[0]).toMatchObject({
      path: 'size',
      value: '4',
    });
    expect(container.problems('model', { use: 'toy-data' })[0]).toMatchObject({ path: 'use', value: 'toy-data' });
    expect(container.problems('model', null)).toHaveLength(1);
    expect(container.problems('model', { use: 'toy-model' })).toEqual([]);
  });
});

describe('options of a schema that is not zod', () => {
  const schemaOf = (validate: StandardSchemaV1['~standard']['validate']): StandardSchemaV1 => ({
    '~standard': { version: 1, vendor: 'acme', validate },
  });
  const plugin = (options: StandardSchemaV1): Plugin<'variant'> =>
    definePlugin({ kind: 'variant', id: 'acme-sam', apiVersion, options, create: () => toySam });
  const strict = schemaOf((value) => {
    const { rho = 0.5, ...rest } = value as { rho?: number };
    const issues = [
      ...(typeof rho === 'number' && rho >= 0 ? [] : [{ message: 'rho must not be negative', path: [{ key: 'rho' }] }]),
      ...Object.keys(rest).map((key) => ({ message: `no option ${key}`, path: [key] })),
    ];
    return issues.length === 0 ? { value: { rho } } : { issues };
  });

  it('are parsed by it, its default and its problems included', () => {
    const container = createContainer({ plugins: [plugin(strict)] });
    expect(container.createOptimizer({ use: 'acme-sam' as string, base: sgd }).radius).toBe(0.5);
    expect(container.createOptimizer({ use: 'acme-sam' as string, rho: 0.25, base: sgd }).radius).toBe(0.25);
    const { problems } = thrownBy(() =>
      container.createOptimizer({ use: 'acme-sam' as string, rho: -1, etta: 2, base: sgd }),
    );
    expect(problems).toEqual([
      expect.objectContaining({ path: 'rho', value: -1, message: 'rho must not be negative' }),
      expect.objectContaining({ path: 'etta', value: 2, message: 'no option etta' }),
    ]);
    expect(describeOptions(plugin(strict))).toEqual([]);
  });

  it('are refused where the schema is asynchronous, of whatever promise', () => {
    const thenable = { then: (done: (result: unknown) => void) => done({ value: {} }) };
    for (const result of [Promise.resolve({ value: {} }), thenable]) {
      const container = createContainer({ plugins: [plugin(schemaOf(() => result as Promise<{ value: unknown }>))] });
      const error = thrownBy(() => container.createOptimizer({ use: 'acme-sam' as string }));
      expect(error.message).toContain('asynchronous');
    }
  });

  it('need a radius that is one', () => {
    const container = createContainer({ plugins: [plugin(schemaOf(() => ({ value: { rho: 'large' } })))] });
    const { problems } = thrownBy(() => container.createOptimizer({ use: 'acme-sam' as string }));
    expect(problems[0]).toMatchObject({ path: 'rho', value: 'large' });
  });
});

describe('the description of options', () => {
  it('has type, range, default and meaning', () => {
    const options = z.strictObject({
      rho: z.number().min(0).default(0.5).describe('The radius.'),
      kind: z.enum(['a', 'b']).describe('Which.'),
      names: z.array(z.string()).optional(),
      count: z.number().int().min(1).lt(9).optional(),
      both: z.union([z.boolean(), z.literal('auto')]).optional(),
      upper: z.strictObject({ use: z.string() }).optional(),
    });
    expect(describeOptions({ options })).toEqual([
      { name: 'rho', type: 'number >= 0', default: 0.5, required: false, description: 'The radius.' },
      { name: 'kind', type: '"a" | "b"', required: true, description: 'Which.' },
      { name: 'names', type: 'string[]', required: false, description: '' },
      { name: 'count', type: 'integer >= 1, < 9', required: false, description: '' },
      { name: 'both', type: 'boolean | "auto"', required: false, description: '' },
      { name: 'upper', type: '{ use }', required: false, description: '' },
    ]);
    expect(describeOptions(toySamPlugin)[0]).toMatchObject({
      name: 'rho',
      type: 'number >= 0 | schedule',
      default: 0.05,
    });
  });

  it('is empty where the schema holds what JSON Schema cannot say, which hides no problem', () => {
    const options = z.strictObject({ when: z.date() });
    expect(describeOptions({ options })).toEqual([]);
    const dated = definePlugin({ kind: 'variant', id: 'dated', apiVersion: 1, options, create: () => toySam });
    const error = thrownBy(() =>
      createContainer({ plugins: [dated] }).createOptimizer({ use: 'dated' as string, when: 1 }),
    );
    expect(error.problems[0]).toMatchObject({ path: 'when', value: 1 });
  });
});

describe('definePlugin', () => {
  it('freezes, checks at once, and accepts every kind', () => {
    expect(Object.isFrozen(toySamPlugin)).toBe(true);
    const spy = jest.fn();
    expect(thrownBy(() => definePlugin({ ...toySamPlugin, id: 'Bad Id', create: spy as never })).code).toBe(
      'PLUGIN_INVALID',
    );
    for (const kind of ['variant', 'meta', 'base', 'dataset', 'model']) checkPlugin({ ...toySamPlugin, kind });
  });
});
