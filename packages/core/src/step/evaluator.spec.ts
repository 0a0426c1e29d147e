import { describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lossOfBatch } from '../loss/batchLosses.js';
import { type LossFunction } from '../loss/loss.js';
import {
  heldBy,
  optimizerOf,
  plainOutcome,
  quadratic,
  thrownBy,
  toySam,
  valuesOf,
  variableOf,
  variablesOf,
  variantOf,
} from '../toys.fixture.js';
import type { Evaluation, SharpnessVariant, Step } from '../variant/variant.js';
import { scale } from '../tensors/weightVector.js';

/** One step in which a test looks at what the engine gives a variant. */
function inStep(look: (step: Step<unknown>) => void, loss: LossFunction, variables: tf.Variable[]): number {
  const optimizer = optimizerOf(variantOf((step) => (look(step), plainOutcome(step))));
  optimizer.minimize(loss, false, variables);
  const { gradientEvaluations } = optimizer.lastStep;
  optimizer.dispose();
  return gradientEvaluations;
}

describe('evaluate', () => {
  it('gives loss and gradient at theta + offset, by hand', () => {
    const variables = variablesOf([3, 4], 2); // Loss 1/2 |a|^2 + b^2: gradient (a, 2 b).
    inStep(
      ({ evaluate, weights }) => {
        expect(valuesOf(weights)).toEqual([[3, 4], [2]]);
        const clean = evaluate();
        expect(clean.loss.dataSync()[0]).toBe(12.5 + 4);
        expect(valuesOf(clean.gradient)).toEqual([[3, 4], [4]]);
        const there = evaluate({ offset: [tf.tensor1d([1, -4]), tf.scalar(-3)] });
        expect(there.loss.dataSync()[0]).toBe(8 + 1);
        expect(valuesOf(there.gradient)).toEqual([[4, 0], [-2]]);
      },
      quadratic(...variables),
      variables,
    );
  });

  it('adds shift and offset, neither of them remembered, and puts the weights back', () => {
    const variables = variablesOf([3, 4], 2);
    const count = inStep(
      ({ evaluate, weights }) => {
        const shift = [tf.tensor1d([1, -4]), tf.scalar(-3)];
        expect(valuesOf(evaluate({ shift }).gradient)).toEqual([[4, 0], [-2]]);
        const both = evaluate({ shift, offset: [tf.tensor1d([0.5, 1]), tf.scalar(0)] });
        expect(valuesOf(both.gradient)).toEqual([[4.5, 1], [-2]]);
        expect(valuesOf(evaluate().gradient)).toEqual([[3, 4], [4]]);
        expect(valuesOf(weights)).toEqual([[3, 4], [2]]);
        expect(() => evaluate({ shift: [tf.scalar(1)] })).toThrow(/a shift has 1 tensors for 2/);
      },
      quadratic(...variables),
      variables,
    );
    expect(count).toBe(3);
  });

  it('puts the very same tensors back, also when a pass throws', () => {
    const variables = variablesOf([3, 4], 2);
    const before = variables.map(heldBy);
    let calls = 0;
    const failing = () => {
      if (++calls === 2) throw new Error('second pass');
      return quadratic(...variables)();
    };
    expect(() => optimizerOf(toySam).minimize(failing, false, variables)).toThrow('second pass');
    expect(variables.map(heldBy)).toEqual(before);
    inStep(
      ({ evaluate, weights }) => {
        evaluate({ offset: scale(weights, 1) });
        expect(variables.map(heldBy)).toEqual(before);
      },
      quadratic(...variables),
      variables,
    );
  });

  it('remembers the clean pass of each loss, free and uncounted, but no pass at an offset', () => {
    const variables = variablesOf(3);
    const loss = jest.fn(quadratic(...variables));
    const other = jest.fn(quadratic(...variables));
    const count = inStep(
      ({ evaluate, weights }) => {
        const first = evaluate();
        expect(evaluate()).toBe(first);
        expect(evaluate({ loss })).toBe(first);
        const second = evaluate({ loss: other });
        expect(second).not.toBe(first);
        expect(evaluate({ loss: other })).toBe(second);
        evaluate({ offset: weights });
        evaluate({ offset: weights });
      },
      loss,
      variables,
    );
    expect(loss).toHaveBeenCalledTimes(3);
    expect(other).toHaveBeenCalledTimes(1);
    expect(count).toBe(4);
  });

  it("outlives a variant's own tidy, as do rho and what it perturbs", () => {
    const variables = variablesOf([3, 4]);
    const before = tf.memory().numTensors;
    const optimizer = optimizerOf(
      variantOf((step) => {
        const seen = tf.tidy(() => {
          tf.mul(step.radius, step.learningRate);
          return step.evaluate().gradient.length;
        });
        expect(seen).toBe(1);
        return toySam.estimate(step);
      }),
      { rho: 0.5 },
    );
    optimizer.minimize(quadratic(...variables), false, variables);
    expect(valuesOf(variables)[0]?.[0]).toBeCloseTo(3 - 0.1 * 3.3, 6);
    expect(optimizer.lastStep).toMatchObject({ loss: 12.5, radius: 0.5, gradientEvaluations: 2 });
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('may be kept in the state as it is, loss and gradient, over steps', () => {
    const w = variableOf([3, 4]);
    const seen: number[][] = [];
    const keeping: SharpnessVariant<{ last?: Evaluation }> = {
      id: 'keeping',
      radius: 'none',
      initialState: () => ({}),
      estimate: ({ evaluate, state: { last } }) => {
        if (last !== undefined) seen.push(...valuesOf([last.loss, ...last.gradient]));
        return { ...evaluate(), state: { last: evaluate() } };
      },
    };
    const optimizer = optimizerOf(keeping);
    optimizer.minimize(quadratic(w), false, [w]);
    optimizer.minimize(quadratic(w), true, [w])?.dispose();
    const { numTensors } = tf.memory();
    optimizer.minimize(quadratic(w), false, [w]);
    expect(seen.slice(0, 2)).toEqual([[12.5], [3, 4]]);
    expect(seen).toHaveLength(4);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('asks a function for `only` at the time of the pass', () => {
    const variables = variablesOf([3, 4], 2);
    const choices = [[false, true], [true, false]]; // prettier-ignore
    inStep(
      ({ evaluate, weights }) => {
        const only = (): boolean[] => choices.shift() as boolean[];
        expect(valuesOf(evaluate({ offset: scale(weights, 0), only }).gradient)).toEqual([[0, 0], [4]]);
        evaluate();
        expect(valuesOf(evaluate({ only }).gradient)).toEqual([[3, 4], [0]]);
      },
      quadratic(...variables),
      variables,
    );
    expect(choices).toEqual([]);
  });

  it('limits the gradient to some parameters by `only`, and saves their backward pass', () => {
    const variables = variablesOf(3, 4);
    const count = inStep(
      ({ evaluate, weights }) => {
        const gradients = (evaluation: Evaluation): number[][] => valuesOf(evaluation.gradient);
        const gradientsBy = jest.spyOn(tf.engine(), 'gradients');
        expect(gradients(evaluate({ offset: weights, only: [false, true] }))).toEqual([[0], [16]]);
        expect(gradientsBy.mock.calls[0]?.[1]).toEqual([variables[1]]);
        gradientsBy.mockRestore();
        expect(gradients(evaluate({ offset: weights, only: [false, false] }))).toEqual([[0], [0]]);
        expect(gradients(evaluate())).toEqual([[3], [8]]);
        expect(gradients(evaluate({ only: [true, false] }))).toEqual([[3], [0]]);
      },
      quadratic(...variables),
      variables,
    );
    expect(count).toBe(2);
  });

  it('makes zeros of null gradients', () => {
    const variables = variablesOf(3, [1, 2]);
    inStep(
      ({ evaluate }) => expect(valuesOf(evaluate().gradient)).toEqual([[3], [0, 0]]),
      quadratic(variables[0] as tf.Variable),
      variables,
    );
  });

  it('gives losses per example without a gradient evaluation', () => {
    const w = variableOf(2);
    const x = tf.tensor1d([1, 2, 3]);
    const loss = lossOfBatch((rows: tf.Tensor1D) => tf.square<tf.Tensor1D>(tf.mul(rows, w)), x, x);
    const count = inStep(
      ({ evaluatePerExample }) => {
        expect(valuesOf([evaluatePerExample()])).toEqual([[4, 16, 36]]);
        expect(valuesOf([evaluatePerExample({ offset: [tf.scalar(-1)] })])).toEqual([[1, 4, 9]]);
        expect(valuesOf([w])).toEqual([[2]]);
      },
      loss,
      [w],
    );
    expect(count).toBe(1);
    const lacking = thrownBy(() => inStep(({ evaluatePerExample }) => void evaluatePerExample(), quadratic(w), [w]));
    expect(lacking.code).toBe('BATCH_ACCESS_MISSING');
    expect(lacking.message).toContain('batchLoss(model, x, y)');
  });

  it('gives the losses per example beside the gradient, by one pass where the loss shows them', () => {
    const w = variableOf(2);
    const x = tf.tensor1d([1, 2, 3]);
    let passes = 0;
    const perExample = (rows: tf.Tensor1D): tf.Tensor1D => (passes++, tf.square<tf.Tensor1D>(tf.mul(rows, w)));
    const shows = lossOfBatch(perExample, x, x, () => tf.scalar(1));
    const hides = Object.assign(() => shows(), { perExample: () => shows.perExample() });
    const offset = [tf.scalar(-1)];
    const still = [tf.scalar(0)];
    /** Forward passes of the second step: the first one has to find the variables. */
    const passesOf = (loss: LossFunction, look: (step: Step<unknown>) => Evaluation, expected: number[]): number => {
      const optimizer = optimizerOf(
        variantOf((step) => {
          expect(valuesOf([look(step).perExample as tf.Tensor])).toEqual([expected]);
          return { loss: tf.scalar(0), gradient: still, state: step.state };
        }),
      );
      optimizer.minimize(loss, false, [w]);
      const before = { passes, tensors: tf.memory().numTensors };
      optimizer.minimize(loss, false, [w]);
      expect(tf.memory().numTensors).toBe(before.tensors);
      optimizer.dispose();
      return passes - before.passes;
    };
    expect(passesOf(shows, ({ evaluate }) => evaluate({ perExample: true }), [4, 16, 36])).toBe(1);
    expect(passesOf(hides, ({ evaluate }) => evaluate({ perExample: true }), [4, 16, 36])).toBe(2);
    expect(passesOf(shows, ({ evaluate }) => evaluate({ perExample: true, offset }), [1, 4, 9])).toBe(1);
    expect(passesOf(shows, ({ evaluate }) => evaluate({ perExample: true, only: [true] }), [4, 16, 36])).toBe(1);
    expect(passesOf(shows, ({ evaluate }) => (evaluate(), evaluate({ perExample: true })), [4, 16, 36])).toBe(2);
    const lacking = thrownBy(() => inStep(({ evaluate }) => void evaluate({ perExample: true }), quadratic(w), [w]));
    expect(lacking.code).toBe('BATCH_ACCESS_MISSING');
  });

  it('refuses an offset of another length, and restores nothing it did not touch', () => {
    const variables = variablesOf(3, 4);
    const error = thrownBy(() =>
      inStep(({ evaluate }) => void evaluate({ offset: [tf.scalar(1)] }), quadratic(...variables), variables),
    );
    expect(error.code).toBe('STATE_INVALID');
    expect(valuesOf(variables)).toEqual([[3], [4]]);
  });

  it('refuses what is not a loss, not a scalar, or depends on nothing trained', () => {
    const [w, other] = variablesOf(1, 2) as [tf.Variable, tf.Variable];
    const code = (loss: unknown, list = [w]): string =>
      thrownBy(() => optimizerOf(toySam).minimize(loss as () => tf.Scalar, false, list)).code;
    expect(code(undefined)).toBe('LOSS_INVALID');
    expect(code(() => tf.mul(w, [1, 2]))).toBe('LOSS_INVALID');
    expect(code(quadratic(w), [other])).toBe('LOSS_INVALID');
    expect(valuesOf([w, other])).toEqual([[1], [2]]);
  });

  it('says how to get gradients where TF.js has none', () => {
    const [w] = variablesOf(1) as [tf.Variable];
    const optimizer = optimizerOf(toySam);
    const names = ['Multiply', 'Sum', 'Square', 'Add', 'AddN'];
    const registered = names.flatMap((name) => tf.getGradient(name) ?? []);
    for (const { kernelName } of registered) tf.unregisterGradient(kernelName);
    const error = thrownBy(() => optimizer.minimize(quadratic(w), false, [w]));
    for (const gradient of registered) tf.registerGradient(gradient);
    expect(error.code).toBe('GRADIENTS_NOT_REGISTERED');
    expect(error.message).toContain("import '@tensorflow/tfjs'");
  });
});
