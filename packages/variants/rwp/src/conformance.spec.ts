import { capture } from '@flatmin/graph';
import { describeVariant, type HandWorkedCase } from '@flatmin/conformance';
import { RandomStream } from '@flatmin/core';
import letsPlugin from '@flatmin/lets';
import * as layers from '@flatmin/model-layers';
import * as tf from '@tensorflow/tfjs-core';
import { rwpPlugin } from './plugin.js';

/** What step t draws for the kernel [2, 2] and the bias [2], by rows. */
const drawn = (t: number): readonly number[] =>
  [4, 2].flatMap((size, i) => [...new RandomStream(0).at(t).at('noise').at(0).at(i).normals(size)]);

/** Columns of the kernel in units of their lengths, and the bias in units of its. */
const lengths = ([a, b, c, d, e, f]: readonly number[]): number[] => {
  const [first, second, bias] = [Math.hypot(a!, c!), Math.hypot(b!, d!), Math.hypot(e!, f!)];
  return [first, second, first, second, bias, bias];
};

/**
 * Three steps on 1/2 |w|^2 with SGD at 0.1, sigma 0.2, eta 0.5, beta 0.9, from the kernel ((3, 5), (4, 12)) of columns
 * 5 and 13 long and the bias (6, 8). ghat = w + epsilon; F of a column is the sum of its ghat^2, of a bias its own.
 */
function steps(lambda: number, eta: number): number[][] {
  let [w, fisher] = [
    [3, 5, 4, 12, 6, 8],
    [0, 0, 0, 0, 0, 0],
  ];
  return [0, 1, 2].map((t) => {
    const scale = lengths(w);
    const ghat = w.map((value, i) => value + (0.2 * drawn(t)[i]! * scale[i]!) / Math.sqrt(1 + eta * fisher[i]!));
    const [a, b, c, d, e, f] = ghat.map((value) => value ** 2) as [number, number, number, number, number, number];
    fisher = [a + c, b + d, a + c, b + d, e, f].map((squares, i) => 0.9 * fisher[i]! + squares);
    w = w.map((value, i) => value - 0.1 * (lambda * ghat[i]! + (1 - lambda) * value));
    return w;
  });
}

const threeSteps = (lambda: number, eta: number): HandWorkedCase => ({
  name: `three steps on 1/2 |w|^2, lambda ${lambda}, eta ${eta}`,
  options: { sigma: 0.2, lambda, eta, beta: 0.9 },
  weights: { kernel: [[3, 5], [4, 12]], bias: [6, 8] }, // prettier-ignore
  loss:
    ({ kernel, bias }) =>
    () =>
      tf.mul(0.5, tf.add(tf.sum(tf.square(kernel!)), tf.sum(tf.square(bias!)))),
  steps: steps(lambda, eta).map(([a, b, c, d, e, f], t) => ({
    weights: { kernel: [[a!, b!], [c!, d!]], bias: [e!, f!] }, // prettier-ignore
    metrics: t > 0 ? {} : { loss: 147, radius: 0.2, gradientEvaluations: lambda < 1 ? 2 : 1 },
  })),
  tolerance: 2e-6,
});

const setup = {
  lets: letsPlugin,
  layers,
  graph: capture,
  exempt: { 'C16 microBatches': 'each part draws noise of its own' },
};
const invalid = [
  { name: 'a lambda of 0, which perturbs nothing', options: { lambda: 0 } },
  { name: 'a lambda above 1', options: { lambda: 1.1 } },
  { name: 'a negative eta', options: { eta: -1 } },
  { name: 'a beta above 1', options: { beta: 1.1 } },
];

describeVariant(rwpPlugin, {
  ...setup,
  cases: {
    options: { sigma: 0.1 },
    handWorked: [threeSteps(1, 0), threeSteps(1, 0.5)],
    gradientEvaluations: 1,
    invalid,
    golden: [],
  },
});

// m-ARWP.
describeVariant(rwpPlugin, {
  ...setup,
  cases: {
    options: { sigma: 0.1, lambda: 0.3, eta: 0.5 },
    handWorked: [threeSteps(0.3, 0), threeSteps(0.3, 0.5)],
    gradientEvaluations: 2,
    golden: [],
  },
});
