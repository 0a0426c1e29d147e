import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { gateAround } from './gate.js';
import { optimizerOf, quadratic, variableOf } from '../toys.fixture.js';
import type { SharpnessVariant } from './variant.js';

describe('a gate around a variant that keeps its radius', () => {
  const learning: SharpnessVariant<{ rho: tf.Scalar }> = {
    id: 'learning',
    radius: 'linear',
    initialState: () => ({ rho: tf.scalar(0.5) }),
    estimate: (step) => ({ ...step.evaluate(), state: { rho: tf.mul(step.state.rho, 0.5) } }),
    learnedRadius: { initial: 0.5, min: 0.125, max: 1, read: ({ rho }) => rho, write: (_, rho) => ({ rho }) },
  };
  const gate = gateAround(learning, {
    id: 'always',
    firstState: () => ({ steps: 0 }),
    pass: (step, ask) => ({ ...ask(), own: { steps: step.state.steps + 1 } }),
  });

  it('reads and sets that one, and leaves its own state alone', () => {
    const w = variableOf(2);
    const optimizer = optimizerOf(gate);
    expect(optimizer.radius).toBe(0.5);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.radius).toBe(0.25);
    optimizer.radius = 1;
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.radius).toBe(0.5);
    expect(() => (optimizer.radius = 2)).toThrow(/always keeps it within \[0\.125, 1\]/);
    expect(gate.learnedRadius?.write({ inner: { rho: tf.scalar(1) }, own: { steps: 2 } }, tf.scalar(0.25)).own).toEqual(
      {
        steps: 2,
      },
    );
  });
});
