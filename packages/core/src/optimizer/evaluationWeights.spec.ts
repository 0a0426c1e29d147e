import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {
  heldBy,
  optimizerOf,
  owner,
  plainOutcome,
  quadratic,
  rejectionOf,
  thrownBy,
  toySam,
  valuesOf,
  variableOf,
  variablesOf,
  variantOf,
} from '../toys.fixture.js';
import type { NamedTensor } from '../tensors/stateTree.js';
import { averagingOptimizer } from './averagingBase.fixture.js';
import type { SharpnessAwareOptimizer } from './optimizer.js';

const own = owner(afterEach);

/** An optimizer after some steps on two variables. */
function trained(steps = 3, options: Parameters<typeof averagingOptimizer>[0] = {}) {
  const variables = variablesOf([1, -2], [3]).map(own);
  const optimizer = own(averagingOptimizer(options));
  const loss = quadratic(...variables);
  const go = (count: number): void => {
    for (let i = 0; i < count; i++) optimizer.minimize(loss, false, [...variables]);
  };
  go(steps);
  return { variables, optimizer, loss, go };
}

const averages = (optimizer: SharpnessAwareOptimizer): number[][] =>
  valuesOf(optimizer.setup.base?.slot('average') ?? []);

describe('evaluationWeights', () => {
  it('are null before the first step, and where a base has none', () => {
    expect(trained(0).optimizer.evaluationWeights()).toBeNull();
    expect(trained(2, { gives: 'nothing' }).optimizer.evaluationWeights()).toBeNull();
    const w = own(variableOf(1));
    const plain = own(optimizerOf(toySam));
    plain.minimize(quadratic(w));
    expect([plain.evaluationWeights(), plain.useEvaluationWeights()]).toEqual([null, false]);
    expect(plain.withEvaluationWeights((differ) => [differ, heldBy(w)])).toEqual([false, heldBy(w)]);
  });

  it('are by hand the weights that the base says, by name, in tensors of the caller', () => {
    // Without perturbation w goes 1, 0.9, 0.81; the average starts at 0.9, and is half of 0.9 and half of 0.81.
    const w = own(variableOf(1));
    const optimizer = own(averagingOptimizer());
    optimizer.radius = 0;
    for (let i = 0; i < 2; i++) optimizer.minimize(quadratic(w), false, [w]);
    const before = tf.memory().numTensors;
    const found = optimizer.evaluationWeights() as Record<string, tf.Tensor>;
    expect(Object.keys(found)).toEqual([w.name]);
    expect((found[w.name] as tf.Tensor).dataSync()[0]).toBeCloseTo(0.855, 6);
    tf.dispose(found);
    expect([tf.memory().numTensors, w.dataSync()[0]]).toEqual([before, expect.closeTo(0.81, 6)]);
    optimizer.minimize(quadratic(w), false, [w]);
  });

  it('names a base that gives other than one for each variable', () => {
    const { code, message } = thrownBy(() => trained(1, { gives: 'too few' }).optimizer.evaluationWeights());
    expect([code, message]).toEqual(['PLUGIN_FAULTY', expect.stringMatching(/averaging.*1 tensors for 2 variables/)]);
  });

  it('see what a variant adds to the step, and gradients that are applied alone', () => {
    const adding = variantOf((step) => plainOutcome(step, { update: step.weights.map((w) => tf.onesLike(w)) }));
    const w = own(variableOf(1));
    const optimizer = own(averagingOptimizer({}, adding));
    optimizer.minimize(quadratic(w), false, [w]);
    expect(averages(optimizer)).toEqual([[expect.closeTo(1.9, 6)]]);
    optimizer.applyGradients({ [w.name]: own(tf.scalar(4)) });
    expect(averages(optimizer)).toEqual([[expect.closeTo((1.9 + 1.5) / 2, 6)]]);
  });

  it('are refused of a variant that adds to the step of a base which moves alone; nothing changes', () => {
    const adding = variantOf((step) => plainOutcome(step, { update: step.weights.map((w) => tf.onesLike(w)) }));
    const w = own(variableOf(1));
    const optimizer = own(averagingOptimizer({ alone: true }, adding));
    const error = thrownBy(() => optimizer.minimize(quadratic(w), false, [w]));
    expect([error.code, error.message]).toEqual(['BASE_UNSUITABLE', expect.stringMatching(/probe adds.*averaging/)]);
    expect([...w.dataSync(), ...averages(optimizer)]).toEqual([1]);
  });
});

describe('withEvaluationWeights', () => {
  it('runs at them, and gives the weights that train back to the bit', () => {
    const { variables, optimizer } = trained();
    const statistic = own(tf.variable(tf.scalar(5), false, 'evaluated/statistic'));
    const held = [...variables, statistic].map(heldBy);
    const before = tf.memory().numTensors;
    const inside = optimizer.withEvaluationWeights((differ) => {
      statistic.assign(tf.tidy(() => tf.scalar(6)));
      expect(differ).toBe(true);
      // Within it they are the same.
      expect(optimizer.withEvaluationWeights(() => valuesOf(variables))).toEqual(valuesOf(variables));
      return valuesOf(variables);
    });
    expect(inside).toEqual(averages(optimizer));
    expect(inside).not.toEqual(valuesOf(variables));
    expect([...variables, statistic].map(heldBy)).toEqual(held);
    expect([statistic.dataSync()[0], tf.memory().numTensors]).toEqual([5, before + 1]); // The scalar 6.
  });

  it('gives them back when it throws, when it assigns, and when it is asynchronous and rejects', async () => {
    const { variables, optimizer } = trained();
    const held = variables.map(heldBy);
    const failing = (): never => {
      variables[0]?.assign(own(tf.tensor1d([9, 9])));
      throw new Error('no');
    };
    expect(() => optimizer.withEvaluationWeights(failing)).toThrow('no');
    expect(variables.map(heldBy)).toEqual(held);
    const slow = optimizer.withEvaluationWeights(async () => {
      await Promise.resolve();
      expect(valuesOf(variables)).toEqual(averages(optimizer));
      return 3;
    });
    expect(valuesOf(variables)).toEqual(averages(optimizer));
    expect([await slow, variables.map(heldBy)]).toEqual([3, held]);
    const rejecting = optimizer.withEvaluationWeights(() => Promise.reject(new Error('late')));
    await expect(rejecting).rejects.toThrow('late');
    expect(variables.map(heldBy)).toEqual(held);
  });

  it('ends with the last of several at once', async () => {
    const { variables, optimizer } = trained();
    const held = variables.map(heldBy);
    const ends: (() => void)[] = [];
    const run = (): Promise<void> => optimizer.withEvaluationWeights(() => new Promise((end) => ends.push(end)));
    const both = [run(), run()];
    ends[0]?.();
    await both[0];
    expect(valuesOf(variables)).toEqual(averages(optimizer));
    ends[1]?.();
    await both[1];
    expect(variables.map(heldBy)).toEqual(held);
  });

  it.each<[string, (optimizer: SharpnessAwareOptimizer, w: tf.Variable) => unknown]>([
    ['minimize', (optimizer, w) => optimizer.minimize(quadratic(w), false, [w])],
    ['computeGradients', (optimizer, w) => optimizer.computeGradients(quadratic(w), [w])],
    ['applyGradients', (optimizer, w) => optimizer.applyGradients({ [w.name]: w })],
    ['a replay', (optimizer, w) => optimizer.replay.position([w])],
    ['a trial', (optimizer, w) => optimizer.replay.trial(quadratic(w), [w], () => 0)],
    ['useTrainingWeights', (optimizer) => optimizer.useTrainingWeights()],
  ])('refuses %s, which changes nothing', (_, step) => {
    const { variables, optimizer } = trained();
    const held = variables.map(heldBy);
    const error = thrownBy(() => optimizer.withEvaluationWeights(() => step(optimizer, variables[0] as tf.Variable)));
    expect(error.code).toBe('VARIABLES_CHANGED');
    expect(variables.map(heldBy)).toEqual(held);
  });
});

describe('useEvaluationWeights', () => {
  it('stays until the next step, and training is the same to the bit', () => {
    const { variables } = trained(6);
    const expected = valuesOf(variables);
    const other = trained(1);
    for (let i = 0; i < 5; i++) {
      expect(other.optimizer.useEvaluationWeights()).toBe(true);
      expect(other.optimizer.useEvaluationWeights()).toBe(true);
      expect(valuesOf(other.variables)).toEqual(averages(other.optimizer));
      // What ends here was away before.
      other.optimizer.withEvaluationWeights(() => 0);
      expect(valuesOf(other.variables)).toEqual(averages(other.optimizer));
      other.go(1);
    }
    expect(valuesOf(other.variables)).toEqual(expected);
  });

  it('gives no weights back where others were assigned since, and no statistics then', () => {
    const { variables, optimizer } = trained();
    const [a, b] = variables as [tf.Variable, tf.Variable];
    const statistic = own(tf.variable(tf.scalar(5), false, 'used/statistic'));
    const held = heldBy(b);
    optimizer.useEvaluationWeights();
    statistic.assign(own(tf.scalar(6)));
    a.assign(own(tf.tensor1d([9, 8])));
    optimizer.useTrainingWeights();
    expect([[...a.dataSync()], heldBy(b), statistic.dataSync()[0]]).toEqual([[9, 8], held, 6]);
    optimizer.useEvaluationWeights();
    statistic.assign(own(tf.scalar(7)));
    optimizer.useTrainingWeights();
    expect([[...a.dataSync()], statistic.dataSync()[0]]).toEqual([[9, 8], 6]);
  });

  it('holds one more tensor a variable, and none once the optimizer is disposed', () => {
    const { variables, optimizer } = trained();
    const before = tf.memory().numTensors;
    optimizer.useEvaluationWeights();
    const statistics = Object.values(tf.engine().registeredVariables).filter(({ trainable }) => !trainable).length;
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(variables.length + statistics);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBeLessThan(before);
    expect(variables.every(({ isDisposed }) => !isDisposed)).toBe(true);
  });
});

/** What was saved, in copies of the test's. */
async function saved(optimizer: SharpnessAwareOptimizer): Promise<NamedTensor[]> {
  return (await optimizer.getWeights()).map(({ name, tensor }) => ({ name, tensor: own(tensor.clone()) }));
}

describe('an optimizer that is saved', () => {
  it.each([
    [true, true],
    [true, false],
    [false, true],
  ])(
    'at the weights to evaluate with (%s), with its variables listed (%s), goes on to the bit',
    async (away, listed) => {
      const whole = trained(5);
      const first = trained(2);
      if (away) first.optimizer.useEvaluationWeights();
      const [entries, weights] = [await saved(first.optimizer), first.variables.map((v) => own(v.clone()))];
      first.optimizer.dispose();
      const { optimizer, variables, loss } = trained(0);
      variables.forEach((variable, i) => variable.assign(weights[i] as tf.Tensor));
      tf.dispose(first.variables);
      await optimizer.setWeights(entries);
      for (let i = 0; i < 3; i++) {
        optimizer.minimize(loss, false, listed ? [...variables] : undefined);
        expect(optimizer.lastStep.gradientEvaluations).toBe(2);
      }
      expect(valuesOf(variables)).toEqual(valuesOf(whole.variables));
      expect(averages(optimizer)).toEqual(averages(whole.optimizer));
    },
  );

  it('gives them before its next step for variables that are told, and asks for these', async () => {
    const first = trained(3);
    const expected = averages(first.optimizer);
    const { optimizer, variables } = trained(0);
    await optimizer.setWeights(await saved(first.optimizer));
    expect(thrownBy(() => optimizer.evaluationWeights()).message).toMatch(/evaluationWeights\(variables\)/);
    expect(optimizer.useEvaluationWeights([...variables])).toBe(true);
    expect(valuesOf(variables)).toEqual(expected);
    const again = await rejectionOf(optimizer.setWeights([]));
    expect(again.code).toBe('STATE_INVALID');
  });

  it('keeps its weights that train while it is loaded and not yet used', async () => {
    const first = trained(2);
    first.optimizer.useEvaluationWeights();
    const entries = await saved(first.optimizer);
    const { optimizer } = trained(0);
    await optimizer.setWeights(entries);
    const names = (await optimizer.getWeights()).map(({ name }) => name);
    expect(names).toEqual(entries.map(({ name }) => name));
    expect(names.filter((name) => name.startsWith('training/'))).toHaveLength(2);
  });
});
