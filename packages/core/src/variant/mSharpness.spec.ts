import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lossOfBatch } from '../loss/batchLosses.js';
import { type LossFunction } from '../loss/loss.js';
import { inParts } from './mSharpness.js';
import type { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import {
  optimizerOf,
  owner,
  plainOutcome,
  thrownBy,
  toyAverage,
  toySam,
  valuesOf,
  variablesOf,
  variantOf,
} from '../toys.fixture.js';
import type { SharpnessVariant } from './variant.js';

const own = owner(afterEach);

/** Losses 1/2 (w - x)^2 of the examples 0, 1 | 5: parts of two and one, with the gradients w - 0.5 and w - 5. */
function uneven(w: tf.Variable): LossFunction {
  const x = own(tf.tensor1d([0, 1, 5]));
  return lossOfBatch((rows: tf.Tensor1D) => tf.mul<tf.Tensor1D>(0.5, tf.square(tf.sub(w, rows))), x, x);
}

function stepOf<S>(variant: SharpnessVariant<S>, settings = {}): { w: number; optimizer: SharpnessAwareOptimizer } {
  const [w] = variablesOf(2).map(own) as [tf.Variable];
  const optimizer = own(optimizerOf(variant, { microBatches: 2, ...settings }));
  optimizer.minimize(uneven(w), false, [w]);
  return { w: w.dataSync()[0] as number, optimizer };
}

describe('microBatches', () => {
  it('perturbs each part by its own gradient and weighs parts by size, by hand', () => {
    // At w = 2 the parts pull by 1.5 and -3; perturbed by +-0.5: 2 and -3.5; mean 2 2/3 - 3.5 1/3 = 1/6.
    const { w, optimizer } = stepOf(toySam, { rho: 0.5 });
    expect(w).toBeCloseTo(2 - 0.1 / 6, 6);
    const { loss, gradientEvaluations, perturbationNorm, radius } = optimizer.lastStep;
    expect(loss).toBeCloseTo((4 + 1 + 9) / 6, 6);
    expect({ gradientEvaluations, perturbationNorm }).toEqual({ gradientEvaluations: 4, perturbationNorm: null });
    expect(radius).toBe(0.5);
  });

  it('averages state by size, and metrics; integers are those of the first part', async () => {
    const { optimizer } = stepOf(toyAverage);
    // The average of gradients is the gradient of the batch, (2 1.5 - 3) / 3 = 0; the metric is the sum of losses so
    // far.
    expect(optimizer.lastStep['norm']).toBeCloseTo(14 / 6, 6);
    const saved = await optimizer.getWeights();
    const average = saved.find(({ name }) => name.includes('average'))?.tensor as tf.Tensor;
    expect(average.dataSync()[0]).toBeCloseTo(0, 6);
  });

  it('lets a variant merge the states of the parts itself', async () => {
    const first: typeof toyAverage = { ...toyAverage, mergeStates: ([state]) => state as never };
    const saved = await stepOf(first).optimizer.getWeights();
    const average = saved.find(({ name }) => name.includes('average'))?.tensor as tf.Tensor;
    expect(average.dataSync()[0]).toBeCloseTo(1.5, 6);
  });

  it('gives all parts the random numbers of the step, and their index', () => {
    const seen: [number, number][] = [];
    stepOf(
      variantOf((step) => {
        seen.push([step.part, step.random.uniforms(1)[0] as number]);
        return plainOutcome(step);
      }),
    );
    expect(seen.map(([part]) => part)).toEqual([0, 1]);
    expect(seen[0]?.[1]).toBe(seen[1]?.[1]);
  });

  it('gives losses of the examples of the part', () => {
    const seen: number[][] = [];
    stepOf(
      variantOf((step) => {
        seen.push(...valuesOf([step.evaluatePerExample()]));
        return plainOutcome(step);
      }),
    );
    expect(seen).toEqual([[2, 0.5], [4.5]]);
  });

  it('averages what LETS sees, factors too', () => {
    const factors = [2, 5];
    const variant = variantOf((step) => {
      const outcome = toySam.estimate(step);
      return { ...outcome, ascent: { ...(outcome.ascent as object), factor: factors[step.part] } as never };
    });
    let seen: number[] = [];
    const parts = inParts(variant, 2);
    stepOf(
      variantOf((step) => {
        const outcome = parts.estimate(step);
        const { direction, clean, perturbed, factor } = outcome.ascent as Required<NonNullable<typeof outcome.ascent>>;
        seen = valuesOf([...direction, ...clean, ...perturbed, factor as tf.Scalar]).flat();
        return outcome;
      }),
      { rho: 0.5, microBatches: 1 },
    );
    // Directions +1 and -1, weighted 2/3 and 1/3; clean gradients cancel; perturbed as above; factors 2 and 5.
    [1 / 3, 0, 1 / 6, 3].forEach((value, i) => expect(seen[i]).toBeCloseTo(value, 6));
  });

  it('case 5: tells what rho changes as the mean over parts, each at its own offset and on its own examples', () => {
    let seen: number[] = [];
    const parts = inParts(toySam, 2);
    stepOf(
      variantOf((step) => {
        const outcome = parts.estimate(step);
        const { derivative } = outcome.ascent as Required<NonNullable<typeof outcome.ascent>>;
        const secants = derivative(({ perturbed, clean }) => [tf.div(tf.sub(perturbed[0]!, clean[0]!), 0.5)]);
        const elsewhere = derivative(({ gradientAt }) => gradientAt?.([tf.scalar(0.5)]) as tf.Tensor[]);
        seen = valuesOf([...secants, ...elsewhere]).flat();
        return outcome;
      }),
      { rho: 0.5, microBatches: 1 },
    );
    // Directions +1 and -1 by 2/3 and 1/3 with the Hessian 1. At w + 0.5 the parts pull by 2 and -2.5.
    [1 / 3, (2 * 2 - 2.5) / 3].forEach((value, i) => expect(seen[i]).toBeCloseTo(value, 6));
  });

  it('keeps words that all parts agree on', () => {
    const named = variantOf((step) => plainOutcome(step, { metrics: { branch: 'sam', which: `part ${step.part}` } }));
    const { lastStep } = stepOf(named).optimizer;
    expect(lastStep.branch).toBe('sam');
    expect(lastStep['which']).toBeUndefined();
  });

  it.each([1, 2, 3, 4, 5])('case 14: takes no more parts than there are examples: %i of them', (size) => {
    const rows: number[] = [];
    const stepped = (settings: Readonly<Record<string, unknown>>): number => {
      const [w] = variablesOf(2).map(own) as [tf.Variable];
      const x = own(tf.slice(own(tf.tensor1d([0, 1, 5, -2, 3])), 0, size));
      const loss = lossOfBatch(
        (part: tf.Tensor1D) => (rows.push(part.shape[0]), tf.mul<tf.Tensor1D>(0.5, tf.square(tf.sub(w, part)))),
        x,
        x,
      );
      own(optimizerOf(toySam, settings)).minimize(loss, false, [w]);
      return w.dataSync()[0] as number;
    };
    const four = stepped({ rho: 0.5, microBatches: 4 });
    expect(four).toBeCloseTo(stepped({ rho: 0.5, microBatches: Math.min(4, size) }), 6);
    expect(Math.max(...rows.slice(0, 2 * Math.min(4, size)))).toBe(Math.ceil(size / 4));
    // The gradients of 0 and 1 at 2 have one sign, hence one offset.
    if (size > 2) expect(Math.abs(four - stepped({ rho: 0.5 }))).toBeGreaterThan(1e-4);
  });

  it('case 14: a batch of one example needs no access to parts', () => {
    const [w] = variablesOf(2).map(own) as [tf.Variable];
    const loss = Object.assign(() => tf.square(w as unknown as tf.Scalar), { size: 1 });
    own(optimizerOf(toySam, { rho: 0, microBatches: 4, accumulate: 3 })).minimize(loss, false, [w]);
    expect(w.dataSync()[0]).toBeCloseTo(2 - 0.4, 6);
  });

  it('is first-order, and in one part the variant itself', () => {
    expect(inParts(toySam, 2).radius).toBe('first-order');
    expect(inParts(toyAverage, 2).radius).toBe('none');
    expect(inParts(toySam, 1)).toBe(toySam);
  });

  it.each([0, 1.5, '2'])('refuses %p parts by name', (microBatches) => {
    expect(thrownBy(() => optimizerOf(toySam, { microBatches })).message).toMatch(
      /microBatches.*whole number of at least 1/s,
    );
  });

  it('needs a loss with parts, and says so before anything changes', () => {
    const [w] = variablesOf(2).map(own) as [tf.Variable];
    const optimizer = own(optimizerOf(toySam, { microBatches: 2 }));
    const whole = (): tf.Scalar => tf.square(w as unknown as tf.Scalar);
    const { code, message } = thrownBy(() => optimizer.minimize(whole, false, [w]));
    expect(code).toBe('BATCH_ACCESS_MISSING');
    expect(message).toMatch(/toy-sam with microBatches needs loss\.split/);
    expect(w.dataSync()[0]).toBe(2);
  });

  it('belongs inside what has an afterUpdate', () => {
    const updating: SharpnessVariant<unknown> = { ...toySam, afterUpdate: ({ state }) => ({ state }) };
    expect(thrownBy(() => optimizerOf(updating, { microBatches: 2 })).message).toMatch(/Give it to the variant inside/);
  });
});
