import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createContainer, type OptimizerContext, type Spec } from '@flatmin/core';
import samPlugin from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { loadReference, type Reference, type ReferenceStep } from './reference.js';
import { referenceNames } from './referenceNames.js';
import { loadQuadratic } from './runQuadratic.js';
import { runReference } from './runReference.js';

const container = createContainer({ plugins: [samPlugin] });
const createOptimizer = (spec: Spec, context: OptimizerContext) => container.createOptimizer(spec, context);

/** A copy whose steps were changed. */
function withSteps(reference: Reference, change: (step: ReferenceStep, t: number) => object): Reference {
  return { ...reference, steps: reference.steps.map((step, t) => ({ ...step, ...change(step, t) })) };
}

describe('the references', () => {
  it('are the files of the folder, each under its own name', async () => {
    // Jest runs with the repository or with the package as its folder; the test stands in the package.
    const files = readdirSync(join(__dirname, '../../golden')).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual([...referenceNames, 'quadratic'].sort());
    for (const name of referenceNames) {
      const { name: inside, steps, recommendedFloat32Tolerance } = await loadReference(name);
      expect([inside, steps.length]).toEqual([name, 12]);
      expect(recommendedFloat32Tolerance.parameters).toBeLessThanOrEqual(1e-4);
    }
    expect((await loadQuadratic()).results.sam.hypergradient).toBeCloseTo(1.34097275431);
  });
});

describe('a run beside its reference', () => {
  it('passes with the deviation of every metric, and frees what it made', async () => {
    const before = tf.memory().numTensors;
    const run = await runReference(await loadReference('sam-momentum'), createOptimizer);
    expect(run.messages).toEqual([]);
    expect(run.passed).toBe(true);
    expect(run.deviations.filter(({ metric }) => metric === 'parameters')).toHaveLength(12);
    expect(run.worst.parameters).toBeLessThan(2e-6);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says which metric is off, by how much and since when', async () => {
    const reference = await loadReference('sam-sgd');
    const shifted = withSteps(reference, ({ loss }, t) => (t < 4 ? {} : { loss: loss + 0.001 * (t === 7 ? 2 : 1) }));
    const { messages, passed } = await runReference(shifted, createOptimizer);
    expect(passed).toBe(false);
    expect(messages).toEqual(['sam-sgd: loss off by 2e-3 at step 7 (since step 4), tolerance 3e-6']);
  });

  it.each<[string, object, RegExp]>([
    ['gradientEvaluations', { gradientEvaluations: 3 }, /gradientEvaluations is 2 instead of 3 at step 0/],
    ['radius', { radius: null }, /radius is 0\.2\d* instead of null at step 0/],
    ['branch', { branch: 'sam' }, /branch is undefined instead of sam at step 0/],
    ['perturbationNorm', { perturbationNorm: 0.21 }, /perturbationNorm off by 4\.8e-2 at step/],
    ['radiusAfter', { radiusAfter: 0.2 }, /radiusAfter is null instead of 0\.2/],
    ['gap', { gap: 0.1 }, /gap is undefined instead of 0\.1/],
    [
      'evaluationParameters',
      { evaluationParameters: [[1]] },
      /evaluationParameters is null instead of weights at step 0/,
    ],
    ['averageParameters', { averageParameters: [[1]] }, /averageParameters is null instead of weights at step 0/],
    ['hypergradient', { hypergradient: 0.1 }, /hypergradient is null instead of 0\.1/],
  ])('compares %s', async (_, change, message) => {
    const reference = withSteps(await loadReference('sam-sgd'), () => change);
    const { messages } = await runReference(reference, createOptimizer);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(message);
  });

  it('sets the learning rates of the file before each step', async () => {
    const reference = await loadReference('sam-sgd');
    const same = { ...reference, learningRates: reference.steps.map(() => 0.3) };
    const late = { ...reference, learningRates: reference.steps.map((_, t) => (t === 5 ? 0.2 : 0.3)) };
    expect((await runReference(same, createOptimizer)).passed).toBe(true);
    expect((await runReference(late, createOptimizer)).messages[0]).toMatch(
      /parameters off by \S+ at step 5, tolerance/,
    );
  });

  it('compares the weights to evaluate with, or that there are none', async () => {
    const reference = await loadReference('sam-sgd');
    const evaluatingBy =
      (weightsOf: (names: readonly string[]) => readonly string[]) => (spec: never, context: OptimizerContext) => {
        const optimizer = container.createOptimizer(spec, context);
        const [...trained] = Object.values(tf.engine().registeredVariables).filter(({ name }) =>
          /^reference/.test(name),
        );
        return Object.assign(optimizer, {
          evaluationWeights: () => {
            const names = weightsOf(trained.map(({ name }) => name));
            return Object.fromEntries(names.map((name, i) => [name, (trained[i] as tf.Variable).clone() as tf.Tensor]));
          },
        });
      };
    const same = withSteps(reference, ({ parameters }) => ({ evaluationParameters: parameters }));
    const before = tf.memory().numTensors;
    const run = await runReference(
      same,
      evaluatingBy((names) => names),
    );
    expect([run.messages, run.deviations.filter(({ metric }) => metric === 'evaluationParameters').length]).toEqual([
      [],
      12,
    ]);
    expect(tf.memory().numTensors).toBe(before);
    expect(
      (
        await runReference(
          same,
          evaluatingBy((names) => [...names].reverse()),
        )
      ).passed,
    ).toBe(false);
    const late = withSteps(reference, ({ parameters }, t) => ({ averageParameters: t === 0 ? null : parameters }));
    expect(
      (
        await runReference(
          late,
          evaluatingBy((names) => names),
        )
      ).messages,
    ).toEqual(['sam-sgd: averageParameters is weights instead of null at step 0']);
    const slow = withSteps(same, ({ parameters }, t) => (t < 3 ? {} : { evaluationParameters: parameters.map((all) => all.map((w) => 1.1 * w)) })); // prettier-ignore
    expect(
      (
        await runReference(
          slow,
          evaluatingBy((names) => names),
        )
      ).messages[0],
    ).toMatch(/evaluationParameters off by \S+ at step \d+ \(since step 3\), tolerance 2e-6/);
  });

  it('throws what the optimizer throws, and frees what it made', async () => {
    const before = tf.memory().numTensors;
    const reference = await loadReference('asam-sgd');
    await expect(runReference(reference, createOptimizer)).rejects.toThrow(/"asam" is not registered/);
    expect(tf.memory().numTensors).toBe(before);
  });
});
