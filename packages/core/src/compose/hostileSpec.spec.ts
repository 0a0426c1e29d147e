import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { createContainer, useContainer } from './container.js';
import { isFlatminError } from '../errors/errors.js';
import { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import { definePlugin } from '../plugin/plugin.js';
import type { OptimizerContext } from '../step/setup.js';
import { quadratic, thrownBy, toySam, toySamPlugin, valuesOf, variableOf } from '../toys.fixture.js';
import { variantFactory } from './factories.js';
import { z } from 'zod';
import type { Spec } from '../plugin/spec.js';

const gate = definePlugin({
  kind: 'meta',
  id: 'gate',
  apiVersion: 1,
  options: z.strictObject({}),
  create: (_, { inner }) => ({ ...inner, id: 'gate' }),
});
const container = createContainer({ plugins: [toySamPlugin, gate] });
const sgd = { use: 'sgd', learningRate: 0.1 };
const sam = { use: 'toy-sam', base: sgd };
const create = (spec: unknown, context?: unknown): unknown =>
  container.createOptimizer(spec as Spec, context as OptimizerContext);

describe('case 17: a spec without a base', () => {
  it('is refused where it is checked, and where an optimizer is made of it', () => {
    for (const spec of [{ use: 'toy-sam' }, { use: 'gate', inner: { use: 'toy-sam' } }]) {
      expect(container.problems('optimizer', spec)).toMatchObject([{ path: 'base' }]);
      const error = thrownBy(() => create(spec));
      expect(error.code).toBe('BASE_MISSING');
      expect(error.message).toMatch(new RegExp(`^${spec.use} has no base optimizer. Give one`));
    }
    const both = thrownBy(() => create({ use: 'toy-sam', rho: -1 }));
    expect(both.problems.map(({ path }) => path)).toEqual(['rho', 'base']);
  });

  it('in code can be wrapped, and has no learning rate to tell until it is', () => {
    const alone = variantFactory(toySamPlugin)({ rho: 0.1 });
    expect(thrownBy(() => alone.learningRate).code).toBe('BASE_MISSING');
    const wrapped = container.createOptimizer({ use: 'gate', inner: alone, base: sgd });
    expect(wrapped.learningRate).toBe(0.1);
  });
});

describe('case 30: the context of createOptimizer', () => {
  it.each<[string, object, string[]]>([
    ['steps in words', { totalSteps: 'x' }, ['context.totalSteps']],
    ['steps below 0', { totalSteps: -5 }, ['context.totalSteps']],
    ['steps that are not a number', { totalSteps: NaN }, ['context.totalSteps']],
    ['half steps', { totalSteps: 1.5 }, ['context.totalSteps']],
    ['a held-out loss that is none', { validationLoss: 5 }, ['context.validationLoss']],
    ['a list of nothing', { parameters: [null] }, ['context.parameters.0']],
    ['a role that is none', { parameters: { w: 'weight' } }, ['context.parameters.w']],
    ['a role of a list that is none', { parameters: [{ name: 'w', role: 1 }] }, ['context.parameters.0.role']],
    ['no roles', { parameters: 'kernel' }, ['context.parameters']],
    [
      'several',
      { totalSteps: 0, validationLoss: null, parameters: [{ role: 'bias' }] },
      ['context.validationLoss', 'context.totalSteps', 'context.parameters.0'],
    ],
  ])('with %s is refused, beside what is wrong in the spec', (_, context, paths) => {
    expect(thrownBy(() => create(sam, context)).problems.map(({ path }) => path)).toEqual(paths);
    const both = thrownBy(() => create({ ...sam, rho: -1 }, context));
    expect(both.problems.map(({ path }) => path)).toEqual([...paths, 'rho']);
    expect(both.code).toBe('SPEC_INVALID');
    expect(container.problems('optimizer', sam, context).map(({ path }) => path)).toEqual(paths);
  });

  it('that is none is refused; absent members and others are nothing', () => {
    for (const context of [null, 3, 'x', []]) {
      expect(thrownBy(() => create(sam, context)).problems[0]?.path).toBe('context');
    }
    create(sam, { totalSteps: undefined, validationLoss: undefined, parameters: undefined, other: 1 });
  });

  it('case 22: cannot make weights NaN by its number of steps', () => {
    const rho = { schedule: 'linear', from: 0.1, to: 0 };
    const w = variableOf([3, 4]);
    expect(thrownBy(() => create({ ...sam, rho }, { totalSteps: NaN })).problems).toMatchObject([
      { path: 'context.totalSteps' },
      { path: 'rho' },
    ]);
    container.createOptimizer({ ...sam, rho }, { totalSteps: 4 }).minimize(quadratic(w));
    expect(valuesOf([w])[0]?.every(Number.isFinite)).toBe(true);
  });

  it('what is attached later is checked as well', () => {
    const optimizer = variantFactory(toySamPlugin)({ base: sgd });
    for (const given of [{ validationLoss: 5 }, { extraPass: 'x' }, null, 3]) {
      expect(thrownBy(() => optimizer.attach(given as never)).code).toBe('SPEC_INVALID');
    }
  });
});

describe('case 22: a spec', () => {
  it('nested 2,000 deep, or in itself, is refused at a path that can be read', () => {
    let deep: object = sam;
    for (let i = 0; i < 2000; i++) deep = { use: 'gate', inner: deep };
    const self: Record<string, unknown> = { use: 'gate', base: sgd };
    self['inner'] = self;
    for (const spec of [deep, self]) {
      const error = thrownBy(() => create(spec));
      expect(error.code).toBe('SPEC_INVALID');
      expect(error.message).toMatch(/nested more than 64 levels deep, or contains itself/);
      expect(error.message.length).toBeLessThan(1000);
      expect(container.problems('optimizer', spec).length).toBeGreaterThan(0);
    }
  });

  it('with a getter that throws is refused at its path, and is read once', () => {
    const throwing = {
      use: 'toy-sam',
      base: { use: 'sgd', get learningRate(): never { throw new Error('not now.'); } }, // prettier-ignore
    };
    const error = thrownBy(() => create(throwing));
    expect(error.problems[0]).toMatchObject({ path: 'base.learningRate', message: 'it cannot be read: not now' });
    let reads = 0;
    const counting = { use: 'toy-sam', base: sgd, get rho() { return (reads++, 0.1); } }; // prettier-ignore
    create(counting);
    expect(reads).toBe(1);
    const closed = new Proxy({}, { ownKeys: () => { throw new Error('closed'); }, getPrototypeOf: () => { throw new Error('closed'); } }); // prettier-ignore
    expect(thrownBy(() => create(closed)).message).toContain('it cannot be read: closed');
    expect(thrownBy(() => create({ ...sam, rho: closed })).problems[0]?.path).toBe('rho');
  });

  it('of a schema that throws, or a name that objects have, is refused by name', () => {
    const odd = definePlugin({
      kind: 'variant',
      id: 'odd',
      apiVersion: 1,
      options: { '~standard': { version: 1, vendor: 'odd', validate: (): never => { throw new Error('oops'); } } }, // prettier-ignore
      create: () => toySam,
    });
    const error = thrownBy(() => createContainer({ plugins: [odd] }).createOptimizer({ use: 'odd', base: sgd }));
    expect(error.code).toBe('PLUGIN_FAULTY');
    expect(error.message).toContain('plugin "odd" (variant) threw');
    for (const use of ['__proto__', 'constructor', 'toString', '']) {
      expect(isFlatminError(thrownBy(() => create({ use, base: sgd })))).toBe(true);
    }
  });
});

/** Anything, with what looks like a spec more often than by chance. */
const { value: anyValue } = fc.letrec<{ value: unknown; spec: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true }), // prettier-ignore
    fc.constantFrom<unknown>(NaN, Infinity, -1, 0.1, 'sgd', () => 1, Symbol('s'), tf.train),
    tie('spec'),
  ),
  spec: fc.dictionary(
    fc.constantFrom('use', 'inner', 'base', 'rho', 'every', 'start', 'seed', 'learningRate', '__proto__', 'schedule'),
    fc.oneof(tie('value'), fc.constantFrom('toy-sam', 'gate', 'sgd', 'adam', 'linear')),
    { noNullPrototype: false },
  ),
}));

describe('cases 17, 22, 30: whatever is given', () => {
  it('fromConfig makes an optimizer, or throws a FlatminError', () => {
    useContainer(container);
    const hex = (value: unknown): string => Buffer.from(JSON.stringify(value) ?? '').toString('hex');
    const written = fc.oneof(
      fc.jsonValue().map(hex),
      fc.constant(hex(sam)),
      fc.stringMatching(/^[0-9a-f]*$/),
      fc.anything(),
    );
    const configs = fc.oneof(fc.anything(), fc.record({ spec: written, context: written }, { requiredKeys: [] }));
    const { numTensors } = tf.memory();
    fc.assert(
      fc.property(configs, (config) => {
        try {
          const made: unknown = SharpnessAwareOptimizer.fromConfig(SharpnessAwareOptimizer, config as never);
          (made as SharpnessAwareOptimizer).dispose();
        } catch (error) {
          if (!isFlatminError(error)) throw error;
        }
      }),
      { numRuns: 300 },
    );
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('a spec and a context make an optimizer, or a FlatminError and no tensor', () => {
    const w = variableOf([3, 4]);
    fc.assert(
      fc.property(anyValue, fc.oneof(fc.constant({}), anyValue), (spec, context) => {
        const { numTensors } = tf.memory();
        try {
          const optimizer = container.createOptimizer(spec as Spec, context as OptimizerContext);
          optimizer.minimize(quadratic(w), false, [w]);
          expect(valuesOf([w])[0]?.every(Number.isFinite)).toBe(true);
          optimizer.dispose();
        } catch (error) {
          if (!isFlatminError(error)) throw error;
        }
        expect(tf.memory().numTensors).toBe(numTensors);
      }),
      { numRuns: 500 },
    );
  });
});
