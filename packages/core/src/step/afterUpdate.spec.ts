import { describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';
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
import type { SharpnessVariant } from '../variant/variant.js';

describe('afterUpdate', () => {
  it('sees theta_{t+1}, may evaluate there, hands over state and metrics, and is counted', () => {
    const w = variableOf(2);
    const updated: number[][] = [];
    const variant: SharpnessVariant<{ seen: tf.Scalar }> = {
      id: 'settling',
      radius: 'none',
      initialState: () => ({ seen: tf.scalar(0) }),
      estimate: (step) => ({ ...step.evaluate(), state: step.state, carry: { extra: tf.scalar(3) } }),
      afterUpdate: ({ step, outcome, weights, evaluate }) => {
        const { gradient } = evaluate();
        expect(evaluate().gradient).toBe(gradient);
        evaluate({ offset: [tf.scalar(1)] });
        const { extra } = outcome.carry as { extra: tf.Scalar };
        updated.push([step.index, ...valuesOf([...step.weights, ...weights, ...gradient, extra]).flat()]);
        return { state: { seen: gradient[0] as tf.Scalar }, metrics: { after: gradient[0] as tf.Scalar } };
      },
    };
    const optimizer = optimizerOf(variant);
    optimizer.minimize(quadratic(w), false, [w]);
    const next = expect.closeTo(1.8, 6) as unknown as number;
    expect(updated).toEqual([[0, 2, next, next, 3]]);
    expect(optimizer.lastStep.after).toBeCloseTo(1.8, 6);
    expect(optimizer.lastStep.gradientEvaluations).toBe(3);
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(1.8, 6);
    const { numTensors } = tf.memory();
    for (let i = 0; i < 5; i++) optimizer.minimize(quadratic(w), false, [w]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('that throws leaves the base step done, state and radius as before it, and says so', () => {
    const w = variableOf(2);
    const failing: SharpnessVariant<{ rho: tf.Scalar }> = {
      id: 'failing',
      radius: 'linear',
      initialState: () => ({ rho: tf.scalar(0.5) }),
      estimate: (step) => ({ ...step.evaluate(), state: step.state }),
      afterUpdate: () => {
        throw new Error('no held-out data.');
      },
      learnedRadius: { initial: 0.5, min: 0, max: 1, read: ({ rho }) => rho, write: (_, rho) => ({ rho }) },
    };
    const optimizer = optimizerOf(failing);
    const error = thrownBy(() => optimizer.minimize(quadratic(w), false, [w]));
    expect(error.code).toBe('SETTLE_FAILED');
    expect(error.message).toMatch(/no held-out data.*after the base had stepped/);
    expect((error.cause as Error).message).toBe('no held-out data.');
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(1.8, 6);
    expect(optimizer.radius).toBe(0.5);
    expect(optimizer.lastStep.loss).toBe(2);
    const again = thrownBy(() => optimizer.minimize(quadratic(w), false, [w]));
    expect(again.message).toContain('step 1');
  });

  it('of a pending step whose loss works no more warns once, and the step is taken', () => {
    const w = variableOf(2);
    let works = true;
    const loss = () => {
      if (!works) throw new Error('batch is gone');
      return quadratic(w)();
    };
    const variant = variantOf(plainOutcome, { afterUpdate: ({ evaluate, state }) => (evaluate(), { state }) });
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const optimizer = optimizerOf(variant);
    for (let i = 0; i < 2; i++) {
      works = true;
      const { grads } = optimizer.computeGradients(loss, [w]);
      works = false;
      optimizer.applyGradients(grads);
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain('batch is gone');
    warn.mockRestore();
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(2 * 0.9 * 0.9, 6);
  });

  it("cannot undo the base step through the step's own evaluate", () => {
    const w = variableOf(2);
    const variant = variantOf(plainOutcome, {
      afterUpdate: ({ step, state }) => {
        expect(valuesOf(step.evaluate().gradient)).toEqual([[2]]); // Remembered: no pass.
        step.evaluate({ offset: step.weights });
        return { state };
      },
    });
    const error = thrownBy(() => optimizerOf(variant).minimize(quadratic(w), false, [w]));
    expect(error.message).toContain('Use the evaluate that afterUpdate gets');
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(1.8, 6);
  });
});

describe('a step that throws before the base', () => {
  it('leaves weights, state, step count and metrics as before', () => {
    const w = variableOf([3, 4]);
    let fail = false;
    const indices: number[] = [];
    const variant: SharpnessVariant<{ sum: tf.Scalar }> = {
      id: 'careful',
      radius: 'none',
      initialState: () => ({ sum: tf.scalar(0) }),
      estimate: (step) => {
        indices.push(step.index);
        const outcome = step.evaluate();
        if (fail) throw new Error('estimate');
        return { ...outcome, state: { sum: tf.add(step.state.sum, 1) }, metrics: { sum: step.state.sum } };
      },
    };
    const optimizer = optimizerOf(variant);
    optimizer.minimize(quadratic(w), false, [w]);
    const before = [...valuesOf([w]), heldBy(w)];
    const { numTensors } = tf.memory();
    fail = true;
    expect(() => optimizer.minimize(quadratic(w), false, [w])).toThrow('estimate');
    expect([...valuesOf([w]), heldBy(w)]).toEqual(before);
    expect(optimizer.lastStep.sum).toBe(0);
    expect(tf.memory().numTensors).toBe(numTensors);
    fail = false;
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.lastStep.sum).toBe(1);
    expect(indices).toEqual([0, 1, 1]);
  });

  it('or in it, having moved some variables, puts them back', () => {
    const [a, b] = variablesOf(3, 4) as [tf.Variable, tf.Variable];
    const variant = variantOf((step) => plainOutcome(step, { gradient: [tf.scalar(1), tf.zeros([3])] }));
    expect(() => optimizerOf(variant).minimize(quadratic(a, b), false, [a, b])).toThrow();
    expect(valuesOf([a, b])).toEqual([[3], [4]]);
  });

  it('guarded, refuses a loss or a gradient that is not finite; unguarded, it does not look', () => {
    const w = variableOf([3, 4]);
    const losses = {
      'the loss is': () => tf.mul<tf.Scalar>(quadratic(w)(), NaN),
      'the gradient is not finite': () => tf.sum<tf.Scalar>(tf.sqrt(tf.relu(tf.sub(w, 3)))),
    };
    for (const [message, loss] of Object.entries(losses)) {
      const optimizer = optimizerOf(toySam, { guard: true });
      optimizer.minimize(quadratic(w), false, [w]);
      w.assign(tf.tensor1d([3, 4]));
      const before = heldBy(w);
      const error = thrownBy(() => optimizer.minimize(loss, false, [w]));
      expect(error.code).toBe('NON_FINITE');
      expect(error.message).toContain(message);
      expect(error.message).toContain('step 1');
      expect(thrownBy(() => optimizer.computeGradients(loss, [w])).code).toBe('NON_FINITE');
      expect(heldBy(w)).toEqual(before);
      expect(optimizer.lastStep.loss).toBe(12.5);
    }
    optimizerOf(toySam).minimize(losses['the loss is'], false, [w]);
    expect(valuesOf([w])[0]).toEqual([NaN, NaN]);
  });

  it('case 29: a step that is only tried says that nothing has changed, and what of flatmin throws passes as it is', () => {
    const w = variableOf(2);
    let failure: Error = new Error('no held-out data');
    const heldOut = (): tf.Scalar => {
      throw failure;
    };
    const variant = variantOf(plainOutcome, {
      afterUpdate: ({ evaluate, state }) => (evaluate({ loss: heldOut }), { state }),
    });
    const optimizer = optimizerOf(variant);
    const tried = (): unknown => thrownBy(() => optimizer.replay.trial(quadratic(w), [w], () => undefined));
    const error = tried() as Error;
    expect(error).toMatchObject({ code: 'SETTLE_FAILED', cause: failure });
    expect(error.message).toMatch(/step 0: no held-out data.*only tried: nothing has changed/);
    expect(error.message).not.toMatch(/base had stepped/);
    failure = new FlatminError('CAPTURE_REFUSED', 'not this one.');
    expect(tried()).toBe(failure);
    expect(valuesOf([w])).toEqual([[2]]);
    failure = new Error('no held-out data');
    expect(thrownBy(() => optimizer.minimize(quadratic(w), false, [w]))).toMatchObject({
      message: expect.stringMatching(/after the base had stepped/),
    });
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(1.8, 6);
  });
});
