import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { createContainer } from './container.js';
import { FlatminError } from '../errors/errors.js';
import { builtInBases } from './builtInBases.js';
import { baseFactory, metaFactory, variantFactory } from './factories.js';
import { definePlugin, type MetaContext, type Plugin } from '../plugin/plugin.js';
import { quadratic, thrownBy, toySam, toySamPlugin, valuesOf, variableOf } from '../toys.fixture.js';
import type { SharpnessVariant } from '../variant/variant.js';
import type { Spec } from '../plugin/spec.js';

const seen: MetaContext[] = [];
/** A gate around a variant that tells what it was given. */
const gate = definePlugin({
  kind: 'meta',
  id: 'gate',
  apiVersion: 1,
  options: z.strictObject({ level: z.number().default(1), nested: z.object({ x: z.number().optional() }).optional() }),
  create: (_, context: MetaContext): SharpnessVariant<unknown> => {
    seen.push(context);
    if (context.givenRadius === 0.75) throw new FlatminError('RADIUS_NOT_LEARNABLE', 'not with 0.75');
    return { ...context.inner, id: `gate(${context.inner.id})`, estimate: (step) => context.inner.estimate(step) };
  },
});
const sam = definePlugin({ ...toySamPlugin, id: 'sam', create: () => ({ ...toySam, id: 'sam' }) });
const container = createContainer({ plugins: [toySamPlugin, sam, gate] });
const sgd = { use: 'sgd', learningRate: 0.1 };
const problemsOf = (spec: unknown, context = {}): Record<string, unknown> => {
  // With a base, unless it is about that.
  const isVariant = /^\{"use":"(sam|gate)"(?!.*"base")/.test(JSON.stringify(spec));
  const whole = (isVariant ? { ...(spec as Spec), base: sgd } : spec) as Spec;
  const error = thrownBy(() => container.createOptimizer(whole, context));
  return Object.fromEntries(error.problems.map(({ path, value }) => [path, value]));
};

describe('a spec', () => {
  it('with problems is refused with all of them at once, each with path, value and remedy', () => {
    const spec = {
      use: 'gate',
      levle: 1,
      seed: -1,
      guard: 'yes',
      inner: {
        use: 'sam',
        rho: -0.5,
        eta: 1,
        every: 0,
        clipNorm: NaN,
        base: { use: 'momentum', learningRate: 'fast' },
      },
    };
    const { message, code, problems } = thrownBy(() => container.createOptimizer(spec));
    expect(code).toBe('SPEC_INVALID');
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'guard',
      'inner.base.learningRate',
      'inner.base.momentum',
      'inner.clipNorm',
      'inner.eta',
      'inner.every',
      'inner.rho',
      'levle',
      'seed',
    ]);
    for (const problem of problems) {
      expect(problem.remedy).not.toBe('');
      expect(message).toContain(problem.message);
      expect(message).toContain(problem.remedy);
    }
    expect(message).toContain('levle');
    expect(message).toContain('eta');
    expect(message).toContain('9 problems');
    expect(message).toContain('got -0.5');
  });

  it.each([
    ['rho NaN', { use: 'sam', rho: NaN }, { rho: NaN }],
    ['rho infinite', { use: 'sam', rho: Infinity }, { rho: Infinity }],
    ['rho a word', { use: 'sam', rho: 'large' }, { rho: 'large' }],
    ['an unknown schedule', { use: 'sam', rho: { schedule: 'wavy' } }, { 'rho.schedule': 'wavy' }],
    ['end before start', { use: 'sam', start: 3, end: 3 }, { end: 3 }],
    ['half steps', { use: 'sam', every: 1.5 }, { every: 1.5 }],
    ['a window of a meta', { use: 'gate', start: 3 }, { start: 3 }],
    ['a base that is none', { use: 'sam', base: 'sgd' }, { base: 'sgd' }],
    ['a variant as a base', { use: 'sam', base: { use: 'gate' } }, { 'base.use': 'gate' }],
    ['a base as a variant', { use: 'gate', inner: sgd }, { inner: 'sgd' }],
    ['no spec', 'sam', { '': 'sam' }],
    ['null', null, { '': null }],
    ['no spec inside', { use: 'gate', inner: 3 }, { inner: 3 }],
    ['a base twice', { use: 'gate', base: sgd, inner: { use: 'sam', base: sgd } }, { 'inner.base': sgd }],
    ['a seed twice', { use: 'gate', seed: 1, inner: { use: 'sam', seed: 2 } }, { 'inner.seed': 2 }],
    ['rho twice', { use: 'gate', rho: 1, inner: { use: 'sam', rho: 2 } }, { rho: 1 }],
    ['a base with a base', { ...sgd, base: sgd }, { base: sgd }],
    ['a negative learning rate', { ...sgd, learningRate: -1 }, { learningRate: -1 }],
    ['momentum without momentum', { use: 'momentum', learningRate: 1 }, { momentum: undefined }],
  ])('is refused for %s', (_, spec, problems) => {
    expect(problemsOf(spec)).toEqual(problems);
  });

  it('keeps a code of its own where that is all that is wrong', () => {
    const code = (spec: object, context = {}): string =>
      thrownBy(() => container.createOptimizer(spec as Spec, context)).code;
    expect(code({ use: 'smam' })).toBe('PLUGIN_UNKNOWN');
    expect(code({ use: 'gate', inner: { use: 'smam' } })).toBe('PLUGIN_UNKNOWN');
    expect(Object.keys(problemsOf({ use: 'smam', seed: -1 })).sort()).toEqual(['seed', 'use']); // Else all at once.
    expect(code({ use: 'gate', inner: { use: 'sam', rho: 0.75 } })).toBe('RADIUS_NOT_LEARNABLE');
    const ramp = { schedule: 'cosine', from: 1, to: 0 };
    expect(code({ use: 'sam', rho: ramp })).toBe('TOTAL_STEPS_MISSING');
    expect(code({ use: 'sam', rho: ramp, every: 0 })).toBe('SPEC_INVALID');
    container.createOptimizer({ use: 'sam', rho: ramp, base: sgd }, { totalSteps: 3 });
    container.createOptimizer({ use: 'sam', rho: { ...ramp, steps: 3 }, base: sgd });
  });

  it('can be looked through without creating anything, whatever is wrong', () => {
    const wrong = [
      { use: 'smam' },
      { use: 'gate', inner: { use: 'sam', rho: 0.75 } },
      { use: 'sam', rho: { schedule: 'linear', from: 0, to: 1 } },
      { use: 'sam', rho: -1, base: sgd },
    ];
    for (const spec of wrong) expect(container.problems('optimizer', spec)).toHaveLength(1);
    const before = tf.memory().numTensors;
    expect(container.problems('optimizer', { use: 'sam', base: { use: 'adam' } })).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('takes undefined for absent, at every level', () => {
    const optimizer = container.createOptimizer(
      {
        use: 'gate',
        level: undefined,
        clipNorm: undefined,
        inner: { use: 'sam', rho: undefined, every: undefined, base: undefined },
        base: { ...sgd, momentum: undefined },
      },
      { validationLoss: undefined, totalSteps: undefined, parameters: undefined },
    );
    expect(optimizer.radius).toBe(0.05);
    expect(seen.at(-1)).not.toHaveProperty('givenRadius');
    expect(seen.at(-1)).not.toHaveProperty('validationLoss');
    expect(Object.hasOwn(optimizer.setup, 'clipNorm')).toBe(false);
  });

  it('of a meta without inner takes sam, with a radius from the level above', () => {
    const validationLoss = () => tf.scalar(0);
    const optimizer = container.createOptimizer({ use: 'gate', rho: 0.5, base: sgd }, { validationLoss });
    expect(optimizer.setup.variant.id).toBe('gate(sam)');
    expect(optimizer.radius).toBe(0.5);
    expect(seen.at(-1)).toMatchObject({ givenRadius: 0.5, validationLoss });
    expect(optimizer.setup.spec).toEqual({ use: 'gate', inner: { use: 'sam', rho: 0.5 }, base: sgd });
  });

  it('of a base alone has the same surface', () => {
    const w = variableOf([3, 4]);
    const optimizer = container.createOptimizer({ ...sgd, clipNorm: 1 });
    optimizer.minimize(quadratic(w), false, [w]);
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(3 - 0.06, 5);
    expect(optimizer.lastStep).toMatchObject({ loss: 12.5, radius: null, gradientEvaluations: 1 });
    expect(optimizer.radius).toBe(0);
    expect(optimizer.setup.spec).toEqual({ ...sgd, clipNorm: 1 });
  });

  it('takes the window schedule as a window: the first step of it perturbs', () => {
    const w = variableOf([3, 4]);
    const optimizer = container.createOptimizer({
      use: 'sam',
      rho: { schedule: 'window', rho: 0.5, start: 1, end: 3 },
      base: { ...sgd, learningRate: 0.001 },
    });
    const counts = Array.from({ length: 4 }, () => {
      optimizer.minimize(quadratic(w), false, [w]);
      return optimizer.lastStep.gradientEvaluations;
    });
    expect(counts).toEqual([1, 2, 2, 1]);
  });
});

describe('the same in code', () => {
  const makeSam = variantFactory(toySamPlugin);
  const makeGate = metaFactory(gate);

  it('needs no registry, and takes any tf.Optimizer', () => {
    const w = variableOf([3, 4]);
    const optimizer = makeSam({ rho: 0.5, base: tf.train.sgd(0.1) });
    optimizer.minimize(quadratic(w), false, [w]);
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(2.67, 5);
  });

  it('wraps an optimizer, which hands over its base and settings and cannot be used any more', () => {
    const w = variableOf([3, 4]);
    const inner = makeSam(
      { rho: 0.5, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 }, seed: 4, guard: true },
      { totalSteps: 9, parameters: { a: 'bias' } },
    );
    const validationLoss = () => tf.scalar(0);
    const outer = makeGate(inner, { level: 2, clipNorm: 1, validationLoss });
    expect(outer.setup).toMatchObject({ seed: 4, guard: true, clipNorm: 1, totalSteps: 9, roles: { a: 'bias' } });
    expect(outer.radius).toBe(0.5);
    expect(seen.at(-1)).toMatchObject({ validationLoss, givenRadius: 0.5 });
    expect(thrownBy(() => inner.minimize(quadratic(w))).code).toBe('OPTIMIZER_DISPOSED');
    inner.dispose();
    outer.minimize(quadratic(w), false, [w]);
    expect(outer.getConfig()).toBeDefined();
    expect(outer.setup.spec).toMatchObject({
      inner: { use: 'toy-sam', rho: 0.5 },
      base: { use: 'momentum' },
      level: 2,
    });
  });

  it('takes a base at the outer level, and refuses it at both', () => {
    const outer = makeGate(makeSam({ rho: 0.5 }), { base: tf.train.sgd(0.25) });
    expect(outer.learningRate).toBe(0.25);
    expect(thrownBy(() => outer.getConfig()).code).toBe('BASE_NOT_SERIALIZABLE');
    const inner = makeSam({ base: sgd });
    expect(thrownBy(() => makeGate(inner, { base: sgd })).problems[0]?.message).toContain('is already given at');
    inner.minimize(quadratic(variableOf(1))); // A refused wrapper leaves it usable.
    const nested = thrownBy(() => makeSam({ base: makeSam({ base: sgd }) }));
    expect(nested.problems[0]?.message).toContain('cannot be sharpness-aware');
  });

  it('takes a base made in code, which trains alone until then, and hands over itself and its settings', () => {
    const [w, alone] = [variableOf([3, 4]), variableOf([3, 4])];
    const plugin: Plugin<'base'> = { ...(builtInBases[0] as Plugin<'base'>), id: 'my-sgd' };
    const makeBase: (options: object, context?: object) => ReturnType<typeof makeSam> = baseFactory(plugin);
    const base = makeBase({ learningRate: 0.1, clipNorm: 2.5, seed: 4 }, { totalSteps: 9 });
    base.minimize(quadratic(alone), false, [alone]); // The gradient (3, 4), of norm 5, is halved.
    expect(valuesOf([alone])[0]?.[0]).toBeCloseTo(2.85, 5);
    expect(thrownBy(() => makeSam({ clipNorm: 1, base })).problems[0]?.message).toContain('is already given at');
    base.minimize(quadratic(alone), false, [alone]); // A refused variant leaves it usable.
    const optimizer = makeGate(makeSam({ rho: 0.5, base }));
    expect(thrownBy(() => base.minimize(quadratic(alone))).code).toBe('OPTIMIZER_DISPOSED');
    base.dispose();
    expect(optimizer.setup).toMatchObject({ seed: 4, clipNorm: 2.5, totalSteps: 9 });
    expect(optimizer.setup.spec['base']).toEqual({ use: 'my-sgd', learningRate: 0.1 });
    expect(optimizer.getConfig()).toBeDefined();
    optimizer.minimize(quadratic(w), false, [w]); // (3.3, 4.4), of norm 5.5, at length 2.5.
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(2.85, 5);
  });
});

describe('case 25: an option at the wrong level', () => {
  const problemOf = (spec: object) => {
    const { problems } = thrownBy(() => container.createOptimizer(spec as Spec));
    return problems.map(({ path, message, remedy }) => `${path}: ${message}. ${remedy}`);
  };

  it.each([
    ['every', { use: 'gate', every: 2, base: sgd }, 'every: is not an option of gate. Give every inside inner.'],
    ['microBatches', { use: 'gate', microBatches: 2, base: sgd }, 'microBatches: is not an option of gate. Give microBatches inside inner.'],
    ['learningRate', { use: 'sam', learningRate: 1, base: sgd }, 'learningRate: is not an option of sam. Give learningRate inside base.'],
    ['momentum', { use: 'gate', inner: { use: 'sam', momentum: 1 }, base: { use: 'momentum', learningRate: 1, momentum: 0.9 } }, 'inner.momentum: is not an option of sam. Give momentum inside base.'],
    ['evry', { use: 'sam', evry: 2, base: sgd }, 'evry: is not an option of sam. Did you mean "every"?'],
    ['clipNrm', { use: 'sam', clipNrm: 2, base: sgd }, 'clipNrm: is not an option of sam. Did you mean "clipNorm"?'],
    ['what nothing has', { use: 'sam', colour: 1, base: sgd }, 'colour: is not an option of sam. Options of sam: rho, every, start, end, microBatches, layerScales, base, clipNorm, centralize, groups, lookahead, average, accumulate, guard, seed.'],
  ])('is told where it belongs: %s', (_, spec, line) => {
    expect(problemOf(spec)).toEqual([line]);
  }); // prettier-ignore
});
