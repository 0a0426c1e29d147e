import { createContainer } from '@flatmin/core';
import samPlugin from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { letsPlugin } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);
const container = createContainer({ plugins: [samPlugin, letsPlugin] });

/** A net of two layers, its loss on two batches. */
function net() {
  const name = `n${made.length}`;
  const of = (values: number[][], layer: string): tf.Variable =>
    own(tf.tidy(() => tf.variable(tf.tensor2d(values), true, `${name}/${layer}/kernel`)));
  const [a, b] = [of([[0.5, -0.3, 0.8], [0.2, 0.9, -0.4]], 'in'), of([[0.7], [-0.6], [0.3]], 'out')]; // prettier-ignore
  const lossOn = (x: number[][], y: number[][]) => (): tf.Scalar =>
    tf.tidy(() => tf.mean(tf.square(tf.sub(tf.matMul(tf.tanh(tf.matMul(x, a as tf.Tensor2D)), b as tf.Tensor2D), y))));
  const loss = lossOn([[1, 0.5], [-0.8, 1.2], [0.3, -1]], [[1], [-0.5], [0.2]]); // prettier-ignore
  const validationLoss = lossOn([[0.9, -0.2], [-1.1, 0.4]], [[0.6], [-0.9]]); // prettier-ignore
  return { variables: [a, b], loss, validationLoss };
}

/** The held-out loss after a step of SAM at this radius. */
function heldOutAfter(rho: number, spec: object, base: object): number {
  const { variables, loss, validationLoss } = net();
  own(container.createOptimizer({ use: 'sam', rho, ...spec, base } as never)).minimize(loss, false, variables);
  return own(validationLoss()).dataSync()[0] as number;
}

const groups = [
  { match: { name: '*/in/*' }, rho: 3, learningRate: 0.5 },
  { match: { depth: [-1] }, rho: 0.5, learningRate: 2 },
];

describe('the hypergradient, beside a finite difference', () => {
  it.each([
    ['of SAM', {}],
    ['of layers perturbed by their scales', { layerScales: 'spectral' }],
    ['of groups with radii and learning rates', { groups }],
    ['of a centralized gradient', { centralize: true }],
    ['of all of it', { groups, centralize: true, layerScales: 'spectral' }],
  ])('%s', (_, spec) => {
    const base = { use: 'sgd', learningRate: 0.5 };
    const [rho, h] = [0.3, 0.02];
    const { variables, loss, validationLoss } = net();
    const lets = { use: 'lets', objective: 'validation', curvature: 'exact', projection: false, memory: 0 };
    const optimizer = own(
      container.createOptimizer({ ...lets, inner: { use: 'sam', rho, ...spec, base } } as never, { validationLoss }),
    );
    optimizer.minimize(loss, false, variables);
    const expected = (heldOutAfter(rho + h, spec, base) - heldOutAfter(rho - h, spec, base)) / (2 * h);
    expect(Math.abs((optimizer.lastStep.hypergradient as number) / expected - 1)).toBeLessThan(0.02);
  });

  it('has no component along the step as the base takes it, with projection', () => {
    // A held-out loss that falls along the step alone: what is left of the step's own direction is all that it sees.
    const base = { use: 'sgd', learningRate: 0.5 };
    const spec = { use: 'sam', rho: 0.3, centralize: true, groups, base };
    const plain = net();
    const start = plain.variables.map((variable) => own(variable.clone()));
    own(container.createOptimizer(spec as never)).minimize(plain.loss, false, plain.variables);
    const moved = plain.variables.map((variable, i) => own(tf.tidy(() => tf.sub(variable as tf.Tensor, start[i]!))));
    const hypergradientOf = (projection: boolean): number => {
      const { variables, loss } = net();
      const validationLoss = (): tf.Scalar =>
        tf.tidy(() => tf.addN(variables.map((variable, i) => tf.sum(tf.mul(variable as tf.Tensor, moved[i]!)))));
      const lets = { use: 'lets', objective: 'validation', curvature: 'exact', projection, memory: 0 };
      const optimizer = own(container.createOptimizer({ ...lets, inner: spec } as never, { validationLoss }));
      optimizer.minimize(loss, false, variables);
      return optimizer.lastStep.hypergradient as number;
    };
    expect(Math.abs(hypergradientOf(false))).toBeGreaterThan(1e-3);
    expect(Math.abs(hypergradientOf(true))).toBeLessThan(1e-3 * Math.abs(hypergradientOf(false)));
  });
});
