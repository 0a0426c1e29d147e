import type { Spec } from '@flatmin/core';
import samPlugin from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { VariantCases } from './cases.js';
import { checkVariant } from './checkVariant.js';
import { describeVariant } from './describeVariant.js';
import { checkIds } from './finding.js';
import { pluginOf } from './flawed.fixture.js';
import type { TestRunner, VariantSetup } from './setup.js';

const cases: VariantCases = { handWorked: [], gradientEvaluations: 2, golden: [] };

/** A runner that keeps what it is given. */
function recorder() {
  const tests = new Map<string, () => Promise<void>>();
  const skipped: string[] = [];
  const groups: string[] = [];
  const it = Object.assign((name: string, body: () => Promise<void>) => void tests.set(name, body), {
    skip: (name: string) => void skipped.push(name),
  });
  const runner: TestRunner = {
    describe: (name, body) => {
      groups.push(name);
      body();
    },
    it,
  };
  return { runner, tests, skipped, groups };
}

function declare(setup: Partial<VariantSetup>, plugin = samPlugin as Parameters<typeof describeVariant>[0]) {
  const recorded = recorder();
  describeVariant(plugin, { cases, runner: recorded.runner, ...setup });
  return recorded;
}

describe('describeVariant', () => {
  it('declares every check, and shows what it leaves out and why', () => {
    const { tests, skipped, groups } = declare({ exempt: { C3: 'it adds noise' } });
    const ids = [...tests.keys(), ...skipped].map((name) => name.split(' ')[0]);
    expect(groups).toEqual(['sam keeps its promises']);
    expect(new Set(ids)).toEqual(new Set(checkIds));
    expect(skipped).toEqual([
      expect.stringMatching(/^C3 .*\(exempt: it adds noise\)$/),
      expect.stringMatching(/^C12 .*\(no layers adapter was given\)$/),
      expect.stringMatching(/^C13 .*\(LETS was not given\)$/),
      expect.stringMatching(/^C14 .*\(no reference was named in cases\.golden\)$/),
      expect.stringMatching(/^C17 .*\(no graph adapter was given\)$/),
      expect.stringMatching(/^C18 .*\(LETS was not given\)$/),
    ]);
  });

  it('skips C15 where the plugin declares that it reads back', () => {
    const { skipped } = declare(
      {},
      pluginOf(() => ({}), { readsBack: 'its gate is a number' }),
    );
    expect(skipped.at(-3)).toMatch(/^C15 .*\(declares readsBack: its gate is a number\)$/);
  });

  it('skips C18 over bases of which LETS leaves out the steps per coordinate', () => {
    const adam = { use: 'adam', learningRate: 0.01 };
    const nesterov = { use: 'momentum', learningRate: 0.1, momentum: 0.9, useNesterov: true };
    const plain = { ...nesterov, useNesterov: false };
    const skippedOver = (...bases: Spec[]) => declare({ lets: (inner) => inner, cases: { ...cases, bases } }).skipped;
    const reason = /^C18 .*\(LETS differentiates a step of sgd or momentum, and cases\.bases has neither\)$/;
    expect(skippedOver(adam, nesterov)).toContainEqual(expect.stringMatching(reason));
    expect(skippedOver(adam, plain)).not.toContainEqual(expect.stringMatching(/^C18/));
  });

  it('fails a test with what is broken, and names the check', async () => {
    const { tests } = declare({ cases: { ...cases, gradientEvaluations: 3 } });
    const test = [...tests].find(([name]) => name.startsWith('C6'))?.[1];
    await expect(test?.()).rejects.toThrow(
      'C6 default options: step 0 reports 2 gradient evaluations, where 3 are documented',
    );
  });

  it('counts what was not worked by hand as broken', async () => {
    const { tests } = declare({});
    const test = [...tests].find(([name]) => name.startsWith('C1 '))?.[1];
    await expect(test?.()).rejects.toThrow('C1 no case: no step was worked out by hand');
  });

  it('tells what of a hand-worked case is still to be filled in', async () => {
    const problem = { weights: { kernel: [3], bias: 4 }, loss: () => () => tf.scalar(0) };
    const metrics = { loss: NaN, radius: 0.5 };
    const steps = [{ weights: { kernel: [2.67], bias: 3.56 } }, { weights: { kernel: [NaN], bias: 3 }, metrics }];
    const handWorked = [
      { name: 'two steps', ...problem, steps },
      { name: 'no step', ...problem, steps: [] },
    ];
    const { tests } = declare({ cases: { ...cases, handWorked } });
    const test = [...tests].find(([name]) => name.startsWith('C1 '))?.[1];
    const how = 'by hand, from the formula, not from what the code gives';
    await expect(test?.()).rejects.toThrow(
      `C1 two steps: fill in steps[1].weights.kernel, steps[1].metrics.loss: ${how}\nC1 no step: fill in steps: ${how}`,
    );
  });

  it('runs on the backends asked for, and goes back', async () => {
    const before = tf.getBackend();
    const { tests, groups } = declare({ backends: ['cpu', 'no-such-backend'] });
    expect(groups).toEqual(['sam keeps its promises on cpu', 'sam keeps its promises on no-such-backend']);
    const test = [...tests].find(([name]) => name.startsWith('C6'))?.[1];
    await expect(test?.()).rejects.toThrow("The backend 'no-such-backend' is not registered.");
    expect(tf.getBackend()).toBe(before);
  });

  it('says what to do where no test runner is in scope', () => {
    const scope = globalThis as { describe?: unknown };
    const { describe: kept } = scope;
    delete scope.describe;
    try {
      expect(() => describeVariant(samPlugin, { cases })).toThrow(/pass runner: .* or use checkVariant/);
    } finally {
      scope.describe = kept;
    }
  });
});

describe('checkVariant', () => {
  it('reports without a runner', async () => {
    const exempt = Object.fromEntries(checkIds.filter((id) => id !== 'C6').map((id) => [id, 'not now']));
    const { passed, plugin, results } = await checkVariant(samPlugin, {
      cases: { ...cases, gradientEvaluations: 1 },
      exempt,
    });
    expect([plugin, passed]).toEqual(['sam', false]);
    expect(results.filter(({ status }) => status === 'broken').map(({ check }) => check)).toEqual(['C6']);
    expect(results.filter(({ status }) => status === 'skipped')).toHaveLength(checkIds.length);
  });
});
