import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensor } from '../tensors/stateTree.js';
import { optimizerOf, quadratic, thrownBy, toySam, valuesOf, variableOf } from '../toys.fixture.js';

/** Someone's own optimizer: gradient descent whose rate shrinks as 1 / (1 + steps). */
class Shrinking extends tf.Optimizer {
  static get className(): string {
    return 'Shrinking';
  }
  steps = 0;
  disposed = false;
  learningRate: number | undefined;

  constructor(learningRate?: number) {
    super();
    this.learningRate = learningRate;
  }

  applyGradients(gradients: NamedTensor[]): void {
    for (const { name, tensor } of gradients) {
      const variable = tf.engine().registeredVariables[name] as tf.Variable;
      const rate = (this.learningRate ?? 0.1) / (1 + this.steps);
      variable.assign(tf.sub(variable, tf.mul(tensor, rate)));
    }
    this.steps++;
  }

  override async getWeights(): Promise<NamedTensor[]> {
    return [
      { name: '10', tensor: tf.scalar(this.steps) },
      { name: '2', tensor: tf.scalar(-1) },
    ];
  }

  override async setWeights(saved: NamedTensor[]): Promise<void> {
    expect(saved.map(({ name }) => name)).toEqual(['10', '2']); // Its own names, in its own order.
    this.steps = (await (saved[0] as NamedTensor).tensor.data())[0] as number;
  }

  override dispose(): void {
    this.disposed = true;
  }

  getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

const train = (optimizer: tf.Optimizer, w: tf.Variable, steps: number): void => {
  for (let i = 0; i < steps; i++) optimizer.minimize(quadratic(w), false, [w]);
};

describe('a foreign base', () => {
  it('gets the final gradient, and belongs to the caller', () => {
    const w = variableOf([3, 4]);
    const base = new Shrinking(0.1);
    const optimizer = optimizerOf(toySam, { rho: 0.5, base });
    train(optimizer, w, 1);
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(3 - 0.33, 6);
    optimizer.dispose();
    expect(base.disposed).toBe(false);
  });

  it('resumes as well as its own getWeights and setWeights', async () => {
    const [whole, interrupted] = [variableOf([3, 4]), variableOf([3, 4])];
    train(optimizerOf(toySam, { base: new Shrinking(0.1) }), whole, 6);
    const first = optimizerOf(toySam, { base: new Shrinking(0.1) });
    train(first, interrupted, 3);
    const other = optimizerOf(toySam, { base: new Shrinking(0.9) });
    await other.setWeights(await first.getWeights());
    expect(other.learningRate).toBe(0.1);
    train(other, interrupted, 3);
    expect(valuesOf([interrupted])).toEqual(valuesOf([whole]));
  });

  it('has its learning rate set through a property or a method, or refused by name', async () => {
    const base = new Shrinking(0.1);
    const optimizer = optimizerOf(toySam, { base });
    optimizer.learningRate = 0.5;
    expect(base.learningRate).toBe(0.5);
    const withMethod = Object.assign(new Shrinking(0.1), {
      setLearningRate(this: Shrinking, rate: number) {
        this.learningRate = rate * 2;
      },
    });
    optimizerOf(toySam, { base: withMethod }).learningRate = 0.5;
    expect(withMethod.learningRate).toBe(1);

    const without = optimizerOf(toySam, { base: new Shrinking() });
    expect(without.learningRate).toBeNaN();
    const error = thrownBy(() => (without.learningRate = 0.5));
    expect(error.message).toContain('Shrinking');
    const saved = await without.getWeights();
    await optimizerOf(toySam, { base: new Shrinking() }).setWeights(saved); // No rate to set, none is set.
  });

  it('refuses getConfig by name', () => {
    for (const [base, name] of [
      [new Shrinking(), 'Shrinking'],
      [tf.train.sgd(0.1), 'SGD'],
    ] as const) {
      const error = thrownBy(() => optimizerOf(toySam, { base }).getConfig());
      expect(error.code).toBe('BASE_NOT_SERIALIZABLE');
      expect(error.message).toContain(name);
    }
  });
});
