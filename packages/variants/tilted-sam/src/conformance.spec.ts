import { capture } from '@flatmin/graph';
import { describeVariant, type HandWorkedCase } from '@flatmin/conformance';
import { RandomStream } from '@flatmin/core';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import { samPlugin } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';
import { tiltedSamPlugin } from './plugin.js';

/** L = 1/2 (a^2 + 4 b^2), of gradient (a, 4 b). */
const bowl: HandWorkedCase['loss'] =
  ({ kernel }) =>
  () =>
    tf.mul(0.5, tf.sum(tf.mul([1, 4], tf.square(kernel!))));
const valueAt = ([a, b]: readonly number[]): number => (a! ** 2 + 4 * b! ** 2) / 2;

/**
 * The first step from (3, 1) with SGD at 0.1, rho 0.5: sample i starts at u = n min(1, noise / |n|) and climbs from
 * (3, 1) + u along the gradient there.
 */
function firstStep(tilt: number, samples: number, noise: number) {
  const points = Array.from({ length: samples }, (_, i) => {
    const n = new RandomStream(0).at(0).at('noise').at(0).at(i).at(0).normals(2) as unknown as [number, number];
    const by = Math.min(1, noise / Math.hypot(...n));
    const [a, b] = [3 + by * n[0], 1 + by * n[1]];
    const length = Math.hypot(a, 4 * b);
    return [a + (0.5 * a) / length, b + (2 * b) / length] as const;
  });
  const parts = points.map((point) => Math.exp(tilt * valueAt(point)));
  const total = parts.reduce((sum, part) => sum + part);
  const final = [0, 1].map(
    (k) =>
    points.reduce((sum, point, i) => sum + ((parts[i]! / total) * [1, 4][k]! * point[k]!), 0), // prettier-ignore
  );
  const tiltedLoss =
    tilt === 0 ? points.reduce((sum, point) => sum + valueAt(point) / samples, 0) : Math.log(total / samples) / tilt;
  return {
    weights: { kernel: [3 - 0.1 * final[0]!, 1 - 0.1 * final[1]!] },
    metrics: {
      ...{ loss: 6.5, radius: 0.5, tiltedLoss, gradientEvaluations: 2 * samples },
      ...{ largestWeight: Math.max(...parts) / total, perturbationNorm: samples === 1 ? 0.5 : null },
    },
  };
}

const handWorked = (tilt: number, samples: number, noise: number): HandWorkedCase => ({
  name: `${samples} samples, tilt ${tilt}, noise ${noise}`,
  options: { rho: 0.5, tilt, samples, noise },
  weights: { kernel: [3, 1] },
  loss: bowl,
  steps: [firstStep(tilt, samples, noise)],
  tolerance: 3e-6,
});

const sam = { use: 'sam', rho: 0.2 };

describeVariant(tiltedSamPlugin, {
  lets: letsPlugin,
  layers,
  graph: capture,
  plugins: [samPlugin],
  exempt: {
    'C2 rho 0': 'without an ascent the noise is left; noise 0 and rho 0 is a degenerate case',
    'C16 microBatches': 'each part draws noise of its own',
  },
  cases: {
    options: { rho: 0.2, samples: 2, noise: 1, tilt: 8 }, // So that the weights of the samples move with rho.
    handWorked: [
      {
        // g = (3, 4), the ascent (0.3, 0.4), the gradient there (3.3, 5.6).
        name: 'without noise, SAM',
        options: { rho: 0.5, noise: 0, samples: 1 },
        weights: { kernel: [3, 1] },
        loss: bowl,
        steps: [
          {
            weights: { kernel: [2.67, 0.44] },
            metrics: { loss: 6.5, tiltedLoss: 9.365, largestWeight: 1, perturbationNorm: 0.5, gradientEvaluations: 2 },
          },
        ],
      },
      handWorked(0, 3, 0.5),
      handWorked(1.5, 3, 0.5),
      handWorked(0.7, 2, 100), // Further than the draws reach: they are as they are.
      handWorked(5, 1, 0.5),
    ],
    degenerate: [
      { name: 'one sample without noise', options: { samples: 1, noise: 0, tilt: 3 }, parent: sam },
      { name: 'three samples without noise', options: { samples: 3, noise: 0, tilt: 3 }, parent: sam },
      { name: 'no noise, tilt 0', options: { samples: 3, noise: 0, tilt: 0 }, parent: sam },
      { name: 'neither noise nor ascent', options: { rho: 0, noise: 0 }, parent: 'base' },
    ],
    gradientEvaluations: [
      { perStep: [4, 4, 4] },
      { name: 'one sample', options: { samples: 1 }, perStep: [2, 2] },
      { name: 'every 2', options: { every: 2, samples: 3 }, perStep: [6, 1, 6, 1] },
    ],
    invalid: [
      { name: 'no samples', options: { samples: 0 } },
      { name: 'half a sample', options: { samples: 1.5 } },
      { name: 'a negative tilt', options: { tilt: -1 } },
      { name: 'negative noise', options: { noise: -1 } },
    ],
    golden: [],
  },
});
