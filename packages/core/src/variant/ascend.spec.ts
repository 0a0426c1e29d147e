import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { ascend, matchCleanNorm } from './ascent.js';
import { valuesOf } from '../toys.fixture.js';
import type { Evaluate, StepOutcome } from './variant.js';

/** The gradient of 1/2 |w|^2 at (3, 4) plus the offset is (3, 4) plus the offset. */
const evaluate: Evaluate = (at) => ({
  loss: tf.mul<tf.Scalar>(0.5, tf.sum(tf.square(tf.add(tf.tensor1d([3, 4]), at?.offset?.[0] ?? 0)))),
  gradient: [tf.add(tf.tensor1d([3, 4]), at?.offset?.[0] ?? 0)],
});

describe('an ascent', () => {
  it('gives the gradient at the offset, and tells both gradients, the direction and the length', () => {
    tf.tidy(() => {
      const offset = [tf.tensor1d([0.3, 0.4])];
      const { perturbed, perturbedLoss, ascent, metrics } = ascend({ evaluate, radius: tf.scalar(0.5) }, offset, 2);
      expect(perturbedLoss.dataSync()[0]).toBeCloseTo(0.5 * (3.3 ** 2 + 4.4 ** 2), 5);
      expect(valuesOf(perturbed)[0]?.[1]).toBeCloseTo(4.4, 6);
      expect(valuesOf(ascent.clean)).toEqual([[3, 4]]);
      expect(ascent.perturbed).toBe(perturbed);
      expect(valuesOf(ascent.direction)[0]?.[0]).toBeCloseTo(0.6, 6);
      expect(ascent.factor).toBe(2);
      expect((metrics.perturbationNorm as tf.Scalar).dataSync()[0]).toBeCloseTo(0.5, 6);
    });
  });

  it('is matched in length with the clean gradient, and LETS told by what factor', () => {
    tf.tidy(() => {
      const { perturbed, ascent } = ascend({ evaluate, radius: tf.scalar(5) }, [tf.tensor1d([3, 4])], 3);
      const outcome: StepOutcome<unknown> = { loss: tf.scalar(0), gradient: perturbed, state: {}, ascent };
      const matched = matchCleanNorm(outcome);
      expect(valuesOf(matched.gradient ?? [])).toEqual([[3, 4]]);
      expect((matched.ascent?.factor as tf.Scalar).dataSync()[0]).toBeCloseTo(1.5, 6);
      expect(matched.ascent?.direction).toBe(ascent.direction);
    });
  });

  it('leaves a step that did not climb, or gives no gradient, as it was', () => {
    tf.tidy(() => {
      const { ascent } = ascend({ evaluate, radius: tf.scalar(1) }, [tf.tensor1d([3, 4])]);
      expect('factor' in ascent).toBe(false);
      const plain: StepOutcome<unknown> = { loss: tf.scalar(0), gradient: [tf.tensor1d([3, 4])], state: {} };
      const own: StepOutcome<unknown> = { loss: tf.scalar(0), state: {}, ascent };
      expect(matchCleanNorm(plain)).toBe(plain);
      expect(matchCleanNorm(own)).toBe(own);
    });
  });
});
