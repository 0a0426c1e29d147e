import { describeVariant } from '@flatmin/conformance';
import lets from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import sam from '@flatmin/sam';
import '@tensorflow/tfjs'; // A backend, and the gradients of its operations.
import * as tf from '@tensorflow/tfjs-core';
import { describe, it } from 'node:test';
import signum from 'flatmin-signum';

const signum01 = { use: 'signum', learningRate: 0.01 };

// The kit tests variants. SAM over this base alone puts the base through all of them: resuming, memory, frozen variables, failures.
describeVariant(sam, {
  runner: { describe, it },
  lets,
  layers,
  plugins: [signum],
  cases: {
    // The first has no decay, which moves weights without a gradient too (C3).
    bases: [signum01, { ...signum01, weightDecay: 0.1 }],
    handWorked: [
      {
        // SAM's gradient at (3, -4) is (3.3, -4.4), its sign (1, -1). (3, -4) - 0.01 ((1, -1) + 0.1 (3, -4)).
        name: 'one step on 1/2 |w|^2',
        options: { rho: 0.5 },
        base: { ...signum01, weightDecay: 0.1 },
        weights: { kernel: [3, -4] },
        loss:
          ({ kernel }) =>
          () =>
            tf.mul(0.5, tf.sum(tf.square(kernel))),
        steps: [{ weights: { kernel: [2.987, -3.986] }, metrics: { gradientEvaluations: 2 } }],
      },
    ],
    gradientEvaluations: 2,
    golden: [],
  },
});
