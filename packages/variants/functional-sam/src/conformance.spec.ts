import { capture } from '@flatmin/graph';
import { describeVariant } from '@flatmin/conformance';
import { lossOfOutputs } from '@flatmin/core';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import * as tf from '@tensorflow/tfjs-core';
import { functionalSamPlugin } from './plugin.js';

describeVariant(functionalSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  cases: {
    handWorked: [
      {
        // The model f(w) = w^2 x, the loss 1/2 (f - y)^2, one example x = 1, y = 0, w = 1: v = f = 1, g = v 2 w = 2,
        // epsilon = 0.5. The final gradient is v 2 (w + epsilon) = 3, where SAM's is 2 1.5^3 = 6.75.
        name: 'one step on a model that is not a linear function of its weight',
        options: { rho: 0.5 },
        weights: { kernel: [1] },
        loss: ({ kernel }) =>
          lossOfOutputs(
            (x) => tf.mul(x, tf.square(kernel!)),
            (f, y) => tf.mul<tf.Tensor1D>(0.5, tf.square(tf.sub(f, y))),
            tf.ones([1]),
            tf.zeros([1]),
          ),
        steps: [
          {
            weights: { kernel: [0.7] },
            metrics: { loss: 0.5, radius: 0.5, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
        ],
      },
    ],
    // J^T v is summed in another order than the gradient of the loss.
    radiusZeroTolerance: 2e-6,
    gradientEvaluations: 2,
    golden: ['functional-sam-momentum', 'functional-sam-sgd'],
  },
});
