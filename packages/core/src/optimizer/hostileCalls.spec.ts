import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { isFlatminError } from '../errors/errors.js';
import type { SharpnessAwareOptimizer } from './optimizer.js';
import {
  optimizerOf,
  plainOutcome,
  quadratic,
  thrownBy,
  toyAverage,
  toySam,
  valuesOf,
  variableOf,
  variablesOf,
  variantOf,
} from '../toys.fixture.js';

const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const gone = (): tf.Tensor => {
  const tensor = tf.tensor1d([1, 2]);
  tensor.dispose();
  return tensor;
};

/** The error of a call, after which everything is as before, and the next step is the one that it would have been. */
function refusalOf(call: (optimizer: SharpnessAwareOptimizer, w: tf.Variable) => unknown) {
  const [w, twin] = variablesOf([3, 4], [3, 4]) as [tf.Variable, tf.Variable];
  const [optimizer, other] = [toySam, toySam].map((variant) => optimizerOf(variant, { base })) as [
    SharpnessAwareOptimizer,
    SharpnessAwareOptimizer,
  ];
  optimizer.minimize(quadratic(w), false, [w]);
  other.minimize(quadratic(twin), false, [twin]);
  const before = { values: valuesOf([w]), metrics: { ...optimizer.lastStep }, tensors: tf.memory().numTensors };
  const error = thrownBy(() => call(optimizer, w));
  expect({ values: valuesOf([w]), metrics: { ...optimizer.lastStep }, tensors: tf.memory().numTensors }).toEqual(
    before,
  );
  optimizer.minimize(quadratic(w), false, [w]);
  other.minimize(quadratic(twin), false, [twin]);
  expect(valuesOf([w])).toEqual(valuesOf([twin]));
  tf.dispose([optimizer, other, w, twin] as never);
  return error;
}

describe('cases 23, 29: a loss', () => {
  const lossOf = (loss: (w: tf.Variable) => unknown) => (optimizer: SharpnessAwareOptimizer, w: tf.Variable) =>
    optimizer.minimize((() => loss(w)) as () => tf.Scalar, false, [w]);
  it.each<[string, (w: tf.Variable) => unknown, RegExp]>([
    ['that gives a number', () => 3, /^the loss returned 3\. Return a tensor/],
    ['that gives nothing', () => undefined, /^the loss returned undefined/],
    ['that is asynchronous', async (w) => Promise.resolve(quadratic(w)()), /^the loss returned a promise\. Await/],
    ['that fails later', () => Promise.reject(new Error('later')), /^the loss returned a promise/],
    ['whose tensor is disposed', () => gone(), /^the loss returned a tensor that is disposed/],
    [
      'whose scalar is disposed',
      (w) => {
        const loss = quadratic(w)();
        loss.dispose();
        return loss;
      },
      /^the loss returned a tensor that is disposed\. Return it from tf.tidy/,
    ],
    ['per example', (w) => tf.square(w), /^the loss is not a scalar but has shape \[2\]\. Return the mean/],
    ['of integers', (w) => tf.cast(quadratic(w)(), 'int32'), /^the loss is of type int32/],
    ['that depends on nothing', () => tf.scalar(1), /^the loss depends on none of the variables to train/],
    [
      'of an op without a gradient',
      (w) => tf.sum(tf.einsum('i,i->', w, w)),
      /^the loss uses the op Einsum.*with tf.matMul/,
    ],
    [
      'of another op without a gradient',
      (w) => tf.sum(tf.cast(tf.greater(w, 1), 'float32')),
      /^the loss uses the op Greater, for which TensorFlow.js has no gradient\. Compute.*tf\.customGrad/,
    ],
  ])('%s is LOSS_INVALID, with everything as before', (_, loss, message) => {
    const error = refusalOf(lossOf(loss));
    expect(error.code).toBe('LOSS_INVALID');
    expect(error.message).toMatch(message);
  });

  it('that goes wrong in the second pass, too', () => {
    let calls = 0;
    const error = refusalOf(
      lossOf((w) => {
        if (++calls < 2) return quadratic(w)();
        const loss = quadratic(w)();
        loss.dispose();
        return loss;
      }),
    );
    expect(error.code).toBe('LOSS_INVALID');
    expect(calls).toBe(2);
  });
});

describe('case 29: gradients of the caller', () => {
  const of = (gradients: (w: tf.Variable) => unknown) => (optimizer: SharpnessAwareOptimizer, w: tf.Variable) =>
    optimizer.applyGradients(gradients(w) as tf.NamedTensorMap);
  it.each<[string, (w: tf.Variable) => unknown, RegExp]>([
    ['a scalar for [2]', (w) => ({ [w.name]: tf.scalar(1) }), /given for "v\d+" has shape \[\], the variable \[2\]/],
    ['another shape', (w) => [{ name: w.name, tensor: tf.ones([2, 1]) }], /has shape \[2, 1\], the variable \[2\]/],
    ['another type', (w) => ({ [w.name]: tf.ones([2], 'int32') }), /is int32, the variable float32/],
    ['a disposed tensor', (w) => ({ [w.name]: gone() }), /given for "v\d+" is a disposed tensor/],
    ['a number', (w) => ({ [w.name]: 1 }), /is 1, not a tensor/],
    ['numbers', (w) => [{ name: w.name, tensor: [1, 2] }], /is \[1,2\], not a tensor/],
    ['two of one', (w) => [w, w].map(({ name }) => ({ name, tensor: tf.ones([2]) })), /two gradients were given/],
    ['one of nobody', () => ({ nobody: tf.ones([2]) }), /"nobody", but no variable has that name/],
    ['one of a name of objects', () => ({ toString: tf.ones([2]) }), /"toString", but no variable/],
    ['none', () => null, /the gradients are null/],
    ['no list', () => 'all', /the gradients are "all"/],
    ['a tensor alone', () => tf.ones([2]), /the gradients are a tensor/],
    ['a list of nothing', () => [null], /element 0 of the gradients is null/],
  ])('%s: refused by name, with everything as before', (_, gradients, message) => {
    const error = refusalOf((optimizer, w) => tf.tidy(() => of(gradients)(optimizer, w)));
    expect(error.code).toBe('VARIABLES_INVALID');
    expect(error.message).toMatch(message);
  });

  it('of a pending step: the step can still be applied; what it does not train is refused', () => {
    const [a, b] = variablesOf([3, 4], 1) as [tf.Variable, tf.Variable];
    const optimizer = optimizerOf(toySam, { rho: 0.5 });
    const { grads } = optimizer.computeGradients(quadratic(a), [a]);
    expect(thrownBy(() => optimizer.applyGradients({ [a.name]: tf.scalar(1) })).message).toMatch(
      /\[\], the variable \[2\]/,
    );
    const other = thrownBy(() => optimizer.applyGradients({ ...grads, [b.name]: tf.scalar(1) }));
    expect(other.message).toMatch(/which the step that computeGradients prepared does not train/);
    optimizer.applyGradients(grads);
    expect(valuesOf([a])[0]?.[0]).toBeCloseTo(2.67, 5);
    expect(valuesOf([b])).toEqual([[1]]);
  });
});

describe('case 23: variables of the caller', () => {
  it('that are not real numbers are refused by name, in a list and where the loss finds them; not where it does not', () => {
    const w = variableOf([3, 4]);
    const count = tf.variable(tf.scalar(2, 'int32'), true, 'steps-done');
    const optimizer = optimizerOf(toySam);
    const loss = () => tf.mul<tf.Scalar>(quadratic(w)(), tf.cast(count, 'float32'));
    for (const list of [[w, count], undefined]) {
      const error = thrownBy(() => optimizer.minimize(loss, false, list));
      expect(error.code).toBe('VARIABLES_INVALID');
      expect(error.message).toMatch(/"steps-done" to train is int32\. Create it with trainable false/);
      expect(valuesOf([w, count])).toEqual([[3, 4], [2]]);
    }
    optimizer.minimize(quadratic(w)); // It does not depend on the count.
    expect(valuesOf([count])).toEqual([[2]]);
    count.dispose();
  });

  it.each([['a word'], [{ 0: 1 }], [3], [new Set()]])('and no list: %j', (list) => {
    const error = refusalOf((optimizer, w) => optimizer.minimize(quadratic(w), false, list as never));
    expect(error.code).toBe('VARIABLES_INVALID');
  });

  it('null is not a list, as in TF.js', () => {
    const w = variableOf(2);
    optimizerOf(toySam).minimize(quadratic(w), false, null as never);
    expect(valuesOf([w])[0]?.[0]).toBeLessThan(2);
  });
});

describe('case 22: after tf.disposeVariables()', () => {
  it.each([['momentum'], ['adam'], ['sgd']])('%s says what is gone, and what to do', async (use) => {
    const w = variableOf([3, 4]);
    const own = { use, learningRate: 0.1, ...(use === 'momentum' ? { momentum: 0.9 } : {}) };
    const fresh = optimizerOf(toySam, { base: own });
    const optimizer = optimizerOf(toyAverage, { base: own });
    optimizer.minimize(quadratic(w));
    tf.disposeVariables();
    const again = variableOf([3, 4]);
    const errors = [
      () => optimizer.minimize(quadratic(again)),
      () => optimizer.minimize(quadratic(again), false, [again]),
      () => optimizer.computeGradients(quadratic(again)),
      () => optimizer.applyGradients({ [again.name]: tf.ones([2]) }),
      // Adam made variables for itself when it was created.
      ...(use === 'adam' ? [() => fresh.minimize(quadratic(again))] : []),
    ].map(thrownBy);
    for (const error of errors) {
      expect(error.code).toBe('VARIABLES_CHANGED');
      expect(error.message).toMatch(/is disposed.*Create a new optimizer/);
    }
    expect(valuesOf([again])).toEqual([[3, 4]]);
    if (use !== 'sgd') await expect(optimizer.getWeights()).rejects.toMatchObject({ code: 'VARIABLES_CHANGED' });
    optimizer.dispose();
    fresh.dispose();
    again.dispose();
  });
});

describe('cases 15, 23, 29: whatever is given to a step', () => {
  it('it is a step, or a FlatminError with everything as before', () => {
    const w = variableOf([3, 4]);
    const optimizer = optimizerOf(toyAverage, { base });
    optimizer.minimize(quadratic(w), false, [w]);
    const anything = fc.anything({ withBigInt: true, withMap: true, withTypedArray: true });
    const tensors = fc.constantFrom<() => unknown>(
      gone,
      () => tf.scalar(1),
      () => tf.ones([2], 'bool'),
      () => tf.tensor1d(['a', 'b']),
      () => tf.ones([2, 2]),
      () => w,
    );
    const any = fc.oneof(
      anything.map((value) => () => value),
      tensors,
    );
    const calls = fc.constantFrom<(of: () => unknown) => unknown>(
      (of) => optimizer.minimize(of() as never, false, [w]),
      (of) => optimizer.minimize(of as never, false, [w]),
      (of) => optimizer.minimize(quadratic(w), false, of() as never),
      (of) => optimizer.minimize(quadratic(w), false, [of()] as never),
      (of) => optimizer.computeGradients(of as never, [w]),
      (of) => optimizer.applyGradients(of() as never),
      (of) => optimizer.applyGradients({ [w.name]: of() } as never),
      (of) => optimizer.applyGradients([of()] as never),
      (of) => (optimizer.learningRate = of() as never),
      (of) => (optimizer.radius = of() as never),
      (of) => optimizer.attach(of() as never),
    );
    fc.assert(
      fc.property(calls, any, (call, of) => {
        tf.tidy(() => w.assign(tf.tensor1d([3, 4])));
        const { learningRate } = optimizer;
        const before = { values: valuesOf([w]), sum: optimizer.lastStep.norm };
        tf.tidy(() => {
          try {
            call(of);
            optimizer.learningRate = learningRate;
            optimizer.minimize(quadratic(w), false, [w]); // There are metrics again.
          } catch (error) {
            if (!isFlatminError(error)) throw error;
            expect({ values: valuesOf([w]), sum: optimizer.lastStep.norm }).toEqual(before);
          }
        });
      }),
      { numRuns: 400 },
    );
    expect(valuesOf([w])[0]?.every(Number.isFinite)).toBe(true);
  });

  it('and whatever a variant gives, too', () => {
    const w = variableOf([3, 4]);
    let given: (good: object) => unknown = (good) => good;
    const optimizer = optimizerOf(
      variantOf((step) => given(plainOutcome(step)) as never),
      { base },
    );
    optimizer.minimize(quadratic(w), false, [w]);
    const { numTensors } = tf.memory();
    const member = fc.constantFrom('loss', 'gradient', 'update', 'state', 'ascent', 'report', 'carry');
    const any = fc.oneof(
      fc.anything({ withMap: true, withTypedArray: true }),
      fc.constantFrom<unknown>('gone', 'scalar', 'strings', 'promise'),
    );
    const made = (value: unknown): unknown =>
      ({ gone, scalar: () => tf.scalar(1), strings: () => tf.tensor1d(['a', 'b']), promise: () => Promise.resolve() })[
        value as 'gone'
      ]?.() ?? value;
    fc.assert(
      fc.property(member, any, fc.constantFrom('whole', 'list', 'record'), (key, value, wrap) => {
        tf.tidy(() => w.assign(tf.tensor1d([3, 4])));
        const before = valuesOf([w]);
        given = (good) => {
          const inside = made(value);
          return { ...good, [key]: wrap === 'list' ? [inside] : wrap === 'record' ? { metric: inside } : inside };
        };
        try {
          optimizer.minimize(quadratic(w), false, [w]);
        } catch (error) {
          if (!isFlatminError(error)) throw error;
          expect(error.message).toMatch(/^plugin "probe" \(variant\)/);
          expect(valuesOf([w])).toEqual(before);
        }
        given = (good) => ({ ...good, state: {} });
        optimizer.minimize(quadratic(w), false, [w]);
        expect(tf.memory().numTensors).toBe(numTensors);
      }),
      { numRuns: 400 },
    );
  });
});
