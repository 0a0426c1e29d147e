import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { ascentOf, damped, derivativeOf, takenBy, through } from './ascent.js';
import { valuesOf } from '../toys.fixture.js';
import type { Ascent, AscentPoint } from './variant.js';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const vector = (...numbers: number[]): tf.Tensor[] => [tf.tensor1d(numbers)];
const pointWith = (direction: tf.Tensor[], factor?: number): AscentPoint => ({
  direction,
  clean: vector(0, 0),
  perturbed: vector(0, 0),
  ...(factor === undefined ? {} : { factor }),
});
/** A Hessian of diag(1, 10). */
const along = ({ direction }: AscentPoint): tf.Tensor[] => [tf.mul(direction[0] as tf.Tensor, [1, 10])];

describe('an ascent', () => {
  it('gives its direction when somebody asks, and zero for rho 0', () => {
    const gradients = { clean: vector(1), perturbed: vector(2) };
    const ascent = ascentOf(vector(1, 2), tf.scalar(0.5), gradients);
    expect(ascent.clean).toBe(gradients.clean);
    expect(valuesOf(ascent.direction)).toEqual([[2, 4]]);
    expect(ascent.direction).toBe(ascent.direction);
    expect(valuesOf(ascentOf([tf.scalar(0)], tf.scalar(0), gradients).direction)).toEqual([[0]]);
  });

  it('changes the final gradient by the sum over its points, each with its factor', () => {
    // As CR-SAM: 1.7 H d at +d and 0.3 H (-d) at -d.
    const ascent: Ascent = { ...pointWith(vector(3, 4), 1.7), others: [pointWith(vector(-3, -4), 0.3)] };
    const [change] = valuesOf(derivativeOf(ascent, along));
    expect(change).toEqual([expect.closeTo(1.4 * 3, 5), expect.closeTo(1.4 * 40, 5)]);
    expect(valuesOf(derivativeOf(pointWith(vector(3, 4)), along))).toEqual([[3, 40]]);
  });

  it('or by what it says outright, whatever factors stand beside', () => {
    const ascent: Ascent = { ...pointWith(vector(3, 4), 5), derivative: () => vector(7, 8) };
    expect(valuesOf(derivativeOf(ascent, along))).toEqual([[7, 8]]);
  });

  it('goes through what is done with the gradient afterwards, by the chain rule', () => {
    const ascent = through(pointWith(vector(3, 4), 2), ([d]) => [tf.add(d as tf.Tensor, 1)]);
    expect(valuesOf(derivativeOf(ascent, along))).toEqual([[7, 81]]);
    const twice = through(ascent, ([d]) => [tf.neg(d as tf.Tensor)]);
    expect(valuesOf(derivativeOf(twice, along))).toEqual([[-7, -81]]);
  });

  it('is damped in every form of it', () => {
    const two: Ascent = { ...pointWith(vector(3, 4)), others: [pointWith(vector(1, 0), 2)] };
    expect(valuesOf(derivativeOf(damped(two, 0.5), along))).toEqual([[2.5, 20]]);
    expect(damped(two, 0.5).factor).toBe(0.5);
    const outright: Ascent = { ...pointWith(vector(3, 4)), derivative: (at) => at(pointWith(vector(1, 1))) };
    expect(valuesOf(derivativeOf(damped(outright, tf.scalar(3)), along))).toEqual([[3, 30]]);
  });

  it('computes nothing of it before somebody asks, when it is changed', () => {
    let asked = 0;
    const lazy = {
      get direction() {
        asked++;
        return vector(1, 1);
      },
      get clean() {
        asked++;
        return vector(0, 0);
      },
      perturbed: vector(2, 2),
    };
    const changed = damped(
      through(lazy, (d) => d),
      2,
    );
    expect(asked).toBe(0);
    expect('constant' in changed).toBe(false);
    expect(valuesOf(changed.clean)).toEqual([[0, 0]]);
    expect(asked).toBe(1);
  });

  it('of a part has its gradients from there, unless it says where', () => {
    const gradientAt = (): tf.Tensor[] => vector(1, 1);
    expect(takenBy(pointWith(vector(1, 0)), gradientAt).gradientAt).toBe(gradientAt);
    const own = { ...pointWith(vector(1, 0)), gradientAt: () => vector(2, 2) };
    expect(takenBy(own, gradientAt)).toBe(own);
  });
});
