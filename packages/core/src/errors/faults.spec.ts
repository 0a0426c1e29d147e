import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { createContainer } from '../compose/container.js';
import { FlatminError } from './errors.js';
import { definePlugin } from '../plugin/plugin.js';
import { RandomStream } from '../tensors/random.js';
import { plainOutcome, pluginOf, quadratic, rejectionOf, thrownBy, variableOf, variantOf } from '../toys.fixture.js';
import type { StepOutcome } from '../variant/variant.js';
import { scale } from '../tensors/weightVector.js';

const sgd = { use: 'sgd', learningRate: 0.1 };
const options = z.strictObject({});
const made: { dispose(): void }[] = [];
afterEach(() => tf.dispose(made.splice(0) as tf.Tensor[]));

/** The error of the first step of a variant, after which everything is as before. */
function errorOfStep(variant: ReturnType<typeof variantOf>, loss?: () => tf.Scalar): FlatminError {
  const w = variableOf([3, 4]);
  made.push(w);
  const optimizer = createContainer({ plugins: [pluginOf(variant)] }).createOptimizer({ use: 'probe', base: sgd });
  const before = tf.memory().numTensors;
  const error = thrownBy(() => optimizer.minimize(loss ?? quadratic(w), false, [w]));
  expect([...w.dataSync()]).toEqual([3, 4]);
  expect(tf.memory().numTensors).toBe(before);
  optimizer.dispose();
  return error;
}

describe('a variant that gives', () => {
  const one = (): tf.Tensor => tf.scalar(1);
  it.each<[string, (good: StepOutcome<unknown>) => unknown, RegExp]>([
    ['nothing', () => undefined, /gave undefined, not an outcome/],
    ['no loss', ({ loss: _, ...rest }) => rest, /gave a loss that is undefined, not a scalar/],
    [
      'a loss per example',
      (good) => ({ ...good, loss: tf.ones([5]) }),
      /gave a loss that has shape \[5\], and is not a scalar/,
    ],
    [
      'one number for all',
      (good) => ({ ...good, gradient: [one()] }),
      /gradient has shape \[\] at 0, the variable \[2\]/,
    ],
    ['a tensor too many', (good) => ({ ...good, gradient: [one(), one()] }), /gradient has 2 tensors for 1 variables/],
    ['a tensor for a list', (good) => ({ ...good, update: one() }), /update is a tensor, not a list of tensors/],
    [
      'a wrong direction',
      (good) => ({ ...good, ascent: { direction: [] } }),
      /ascent has a direction that has 0 tensors for 1/,
    ],
  ])('%s is refused by name, with everything as before', (_, spoil, message) => {
    const error = errorOfStep(variantOf((step) => spoil(plainOutcome(step)) as StepOutcome<unknown>));
    expect(error.code).toBe('PLUGIN_FAULTY');
    expect(error.message).toMatch(/^plugin "probe" \(variant\) in step 0 gave.*report it to the plugin's author/);
    expect(error.message).toMatch(message);
  });

  it('an offset that would be broadcast is refused', () => {
    const error = errorOfStep(
      variantOf((step) => {
        step.evaluate({ offset: scale([tf.ones([1])], 0.5) });
        return plainOutcome(step);
      }),
    );
    expect(error.code).toBe('STATE_INVALID');
    expect(error.message).toMatch(/an offset has shape \[1\] at 0, the variable \[2\]/);
  });
});

describe('a plugin that throws', () => {
  it('in a step is named, with its own words and the cause', () => {
    const mistake = new TypeError("cannot read 'x'.\n  of undefined.");
    const error = errorOfStep(
      variantOf(() => {
        throw mistake;
      }),
    );
    expect(error.code).toBe('PLUGIN_FAULTY');
    expect(error.message).toContain(
      'plugin "probe" (variant) threw in step 0: cannot read \'x\'. of undefined. Nothing',
    );
    expect(error.cause).toBe(mistake);
  });

  it('is not blamed for what the loss throws, nor for what it says itself', () => {
    const gone = new Error('no such batch');
    const loss = (): never => {
      throw gone;
    };
    expect(() =>
      errorOfStep(
        variantOf((step) => plainOutcome(step)),
        loss,
      ),
    ).toThrow(gone);
    const own = new FlatminError('BASE_UNSUITABLE', 'needs momentum');
    const refusing = variantOf(() => {
      throw own;
    });
    expect(errorOfStep(refusing)).toBe(own);
  });

  it('when it is created is named', async () => {
    const broken = (kind: 'variant' | 'base' | 'dataset' | 'model') =>
      definePlugin({
        kind,
        id: `broken-${kind}`,
        apiVersion: 1,
        options,
        create: () => {
          throw new RangeError('out of luck');
        },
      });
    const container = createContainer({
      plugins: [broken('variant'), broken('base'), broken('dataset'), broken('model')],
    });
    const context = { inputShape: [1], classes: 2, random: new RandomStream(0) };
    const errors = [
      thrownBy(() => container.createOptimizer({ use: 'broken-variant', base: sgd })),
      thrownBy(() => container.createOptimizer({ use: 'broken-base' as string })),
      await rejectionOf(container.createDataSet({ use: 'broken-dataset' as string })),
      thrownBy(() => container.createModel({ use: 'broken-model' as string }, context)),
    ];
    for (const error of errors) {
      expect(error.code).toBe('PLUGIN_FAULTY');
      expect(error.message).toMatch(/plugin "broken-\w+" \(\w+\) threw when it was created: out of luck\. Nothing/);
    }
  });

  it('as a base, in a step, is named, and the weights are back', () => {
    const w = variableOf([3, 4]);
    const v = variableOf([1, 2]);
    made.push(w, v);
    const base = definePlugin({
      kind: 'base',
      id: 'half-way',
      apiVersion: 1,
      options,
      create: () => ({
        id: 'half-way',
        learningRate: 1,
        owned: () => [],
        option: () => undefined,
        slot: () => undefined,
        save: () => Promise.resolve({ slots: {}, scalars: {} }),
        restore: () => undefined,
        dispose: () => undefined,
        apply: ([first]) => {
          first?.assign(tf.zeros([2]));
          throw new Error('the second is missing');
        },
      }),
    });
    const optimizer = createContainer({ plugins: [base] }).createOptimizer({ use: 'half-way' as string });
    const loss = () => tf.tidy(() => tf.add<tf.Scalar>(tf.sum(tf.square(w)), tf.sum(tf.square(v))));
    const error = thrownBy(() => optimizer.minimize(loss, false, [w, v]));
    expect(error.message).toMatch(
      /^the base half-way threw in step 0: the second is missing\. The weights are unchanged/,
    );
    expect([...w.dataSync(), ...v.dataSync()]).toEqual([3, 4, 1, 2]);
    optimizer.dispose();
  });
});

describe('a plugin that makes what is not of its kind is refused by name:', () => {
  const part = { size: 3, batches: async function* () {} };
  const data = { id: 'd', inputShape: [2], classes: 2, train: part, validation: part, test: part };
  const model = { description: 'm', variables: [], apply: () => tf.zeros([1]), dispose: () => undefined };
  const variant = { id: 'v', radius: 'linear', initialState: () => ({}), estimate: plainOutcome };
  it.each<['variant' | 'base' | 'dataset' | 'model', unknown, RegExp]>([
    ['variant', undefined, /made undefined, which is not a variant/],
    ['variant', { ...variant, radius: 'cubic' }, /radius is "cubic", not linear, first-order or none/],
    ['variant', { ...variant, estimate: 1 }, /estimate is 1, not a function/],
    ['base', { id: 'b', learningRate: 1, owned: () => [] }, /apply is undefined, not a function/],
    ['dataset', { ...data, inputShape: [2, 1.5] }, /inputShape is \[2,1.5\], not a list of whole numbers/],
    ['dataset', { ...data, classes: 0 }, /classes is 0, not a whole number from 1/],
    ['dataset', { ...data, test: { size: 1 } }, /test\.batches is undefined, not a function/],
    ['dataset', { ...data, validation: undefined }, /validation\.size is undefined/],
    ['model', { ...model, variables: [1] }, /variables is \[1\], not a list of tf.Variables/],
    ['model', { ...model, dispose: undefined }, /dispose is undefined, not a function/],
  ])('%s %#', async (kind, product, message) => {
    const plugin = definePlugin({ kind, id: 'wrong', apiVersion: 1, options, create: () => product as never });
    const container = createContainer({ plugins: [plugin] });
    const context = { inputShape: [1], classes: 2, random: new RandomStream(0) };
    const spec = { use: 'wrong' };
    const error = await rejectionOf(
      (async () => {
        if (kind === 'dataset') await container.createDataSet(spec);
        else if (kind === 'model') container.createModel(spec, context);
        else if (kind === 'base') container.createOptimizer(spec);
        else container.createOptimizer({ ...spec, base: sgd });
      })(),
    );
    expect(error.code).toBe('PLUGIN_FAULTY');
    expect(error.message).toContain(`plugin "wrong" (${kind}) made`);
    expect(error.message).toMatch(message);
  });
});
