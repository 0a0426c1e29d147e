import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { optimizerOf, plainOutcome, quadratic, toySam, variableOf } from '../toys.fixture.js';
import type { AfterUpdate, SharpnessVariant, Step, StepOutcome } from './variant.js';
import { type Window, windowed } from './window.js';

const perturbed = (window: Window, steps: number): number[] => {
  const w = variableOf([3, 4]);
  const optimizer = optimizerOf(toySam, { ...window, base: { use: 'sgd', learningRate: 0.01 } });
  return Array.from({ length: steps }, (_, index) => {
    optimizer.minimize(quadratic(w), false, [w]);
    return optimizer.lastStep.gradientEvaluations === 2 ? index : -1;
  }).filter((index) => index >= 0);
};

describe('a window', () => {
  it('perturbs each n-th step, the 0th first', () => {
    expect(perturbed({ every: 3 }, 8)).toEqual([0, 3, 6]);
    expect(perturbed({ every: 1 }, 3)).toEqual([0, 1, 2]);
  });

  it('begins at start and ends before end', () => {
    expect(perturbed({ start: 2 }, 5)).toEqual([2, 3, 4]);
    expect(perturbed({ end: 2 }, 5)).toEqual([0, 1]);
    expect(perturbed({ start: 1, end: 6, every: 2 }, 8)).toEqual([1, 3, 5]);
  });

  it('is the variant itself where it lets everything through', () => {
    expect(windowed(toySam, {})).toBe(toySam);
    expect(windowed(toySam, { every: 1, start: 0 })).toBe(toySam);
  });

  it('takes the step of the base alone outside, to the bit', () => {
    const [a, b] = [variableOf([3, 4]), variableOf([3, 4])];
    const [outside, plain] = [optimizerOf(toySam, { start: 9 }), optimizerOf(toySam, { rho: 0 })];
    for (let i = 0; i < 3; i++) {
      outside.minimize(quadratic(a), false, [a]);
      plain.minimize(quadratic(b), false, [b]);
    }
    expect(Array.from(a.dataSync())).toEqual(Array.from(b.dataSync()));
  });

  it('keeps what a class instance has, and runs afterUpdate only of the steps it let through', () => {
    const updated: number[] = [];
    const attached: unknown[] = [];
    class Stranger implements SharpnessVariant<{ rho: tf.Scalar }> {
      readonly id = 'stranger';
      readonly radius = 'linear';
      readonly learnedRadius = {
        initial: 0.5,
        min: 0,
        max: 1,
        read: ({ rho }: { rho: tf.Scalar }) => rho,
        write: (_: unknown, rho: tf.Scalar) => ({ rho }),
      };
      initialState(): { rho: tf.Scalar } {
        return { rho: tf.scalar(this.learnedRadius.initial) };
      }
      estimate(step: Step<{ rho: tf.Scalar }>): StepOutcome<{ rho: tf.Scalar }> {
        return { ...plainOutcome(step), state: step.state, carry: [step.index] };
      }
      afterUpdate({ outcome, state }: AfterUpdate<{ rho: tf.Scalar }>): { state: { rho: tf.Scalar } } {
        updated.push((outcome.carry as number[])[0] as number);
        return { state };
      }
      attach(context: object): void {
        attached.push(context);
      }
    }
    const w = variableOf(1);
    const optimizer = optimizerOf(new Stranger(), { every: 2 });
    expect(optimizer.radius).toBe(0.5);
    for (let i = 0; i < 4; i++) optimizer.minimize(quadratic(w), false, [w]);
    expect(updated).toEqual([0, 2]);
    expect(optimizer.radius).toBe(0.5); // The same tensor in every state.
    const validationLoss = quadratic(w);
    optimizer.attach({ validationLoss });
    expect(attached).toEqual([{ validationLoss }]);
  });
});
