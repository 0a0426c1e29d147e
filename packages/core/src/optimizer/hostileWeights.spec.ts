import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { isFlatminError } from '../errors/errors.js';
import type { SharpnessAwareOptimizer } from './optimizer.js';
import type { NamedTensor } from '../tensors/stateTree.js';
import {
  optimizerOf,
  quadratic,
  rejectionOf,
  thrownBy,
  toyAverage,
  toySam,
  valuesOf,
  variableOf,
} from '../toys.fixture.js';

const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const manifest = 'flatmin/manifest';

/** What an optimizer saved after a step, in tensors of the caller's. */
async function saved(): Promise<NamedTensor[]> {
  const w = variableOf([3, 4]);
  const optimizer = optimizerOf(toyAverage, { base });
  optimizer.minimize(quadratic(w), false, [w]);
  const entries = (await optimizer.getWeights()).map(({ name, tensor }) => ({ name, tensor: tensor.clone() }));
  optimizer.dispose();
  return entries;
}

const textOf = (entries: readonly NamedTensor[]): string =>
  Buffer.from(Uint8Array.from(entries[0]?.tensor.dataSync() ?? [])).toString();

/** The same with another manifest. */
const rewritten = (entries: readonly NamedTensor[], text: string): NamedTensor[] => [
  { name: manifest, tensor: tf.tensor1d([...Buffer.from(text)], 'int32') },
  ...entries.slice(1),
];

const changed = (entries: readonly NamedTensor[], members: object): NamedTensor[] =>
  rewritten(entries, JSON.stringify({ ...(JSON.parse(textOf(entries)) as object), ...members }));

/** An optimizer in the middle of its run, and what the next step of another one like it gives. */
async function running(): Promise<{
  optimizer: SharpnessAwareOptimizer;
  step: () => number[][];
  expected: number[][];
}> {
  const w = variableOf([3, 4]);
  const stepped = (): { optimizer: SharpnessAwareOptimizer; step: () => number[][] } => {
    const optimizer = optimizerOf(toyAverage, { base });
    const step = (): number[][] => (optimizer.minimize(quadratic(w), false, [w]), valuesOf([w]));
    tf.tidy(() => w.assign(tf.tensor1d([3, 4])));
    step();
    return { optimizer, step };
  };
  const other = stepped();
  const expected = other.step();
  other.optimizer.dispose();
  return { ...stepped(), expected };
}

describe('case 29: setWeights', () => {
  type Change = (entries: NamedTensor[]) => unknown;
  it.each<[string, Change, RegExp]>([
    ['nothing', () => null, /got null, not a list/],
    ['no list', () => ({}), /got \{\}, not a list/],
    ['a list of nothing', () => [null], /got null as element 0/],
    ['entries without tensors', (all) => [...all, { name: 'x' }], /no tensor under the name "x" as element/],
    ['no manifest', (all) => all.slice(1), /tensors without flatmin\/manifest/],
    ['a broken manifest', (all) => rewritten(all, textOf(all).slice(0, -9)), /a manifest that is not JSON/],
    [
      'a manifest of bytes',
      (all) => [{ name: manifest, tensor: tf.tensor1d([255, -1, 300], 'int32') }, ...all.slice(1)],
      /not JSON/,
    ],
    ['a manifest of null', (all) => rewritten(all, 'null'), /a manifest whose content is not valid/],
    ['another format', (all) => changed(all, { flatmin: 2 }), /a manifest whose flatmin is not valid/],
    ['no index', (all) => changed(all, { index: null }), /a manifest whose index is not valid/],
    ['half an index', (all) => changed(all, { index: 0.5 }), /a manifest whose index is not valid/],
    ['a learning rate in words', (all) => changed(all, { learningRate: 'x' }), /whose learningRate is not valid/],
    ['no radius', (all) => changed(all, { radius: -1 }), /a manifest whose radius is -1/],
    ['no names', (all) => changed(all, { names: 'w' }), /a manifest whose names is not valid/],
    ['a shape too few', (all) => changed(all, { shapes: [] }), /not one shape for each name/],
    [
      'a slot twice',
      (all) => changed(all, { slots: ['momentum', 'momentum'] }),
      /slots is not valid \(a name occurs twice/,
    ],
    ['a slot too many', (all) => changed(all, { slots: ['momentum', 'm'] }), /no tensor "base\/m\//],
    ['no state', (all) => changed(all, { state: 1 }), /a manifest with the state 1/],
    ['a state of two kinds', (all) => changed(all, { state: { none: true, integer: 1 } }), /a manifest with the state/],
    ['a state without its tensor', (all) => changed(all, { state: { tensor: 'y' } }), /no tensor "y", which its/],
    ['a tensor missing', (all) => all.filter(({ name }) => name !== 'state/norm'), /no tensor "state\/norm"/],
    ['a tensor twice', (all) => [...all, all.at(-1)], /two tensors named/],
    [
      'a tensor too many',
      (all) => [...all, { name: 'more', tensor: tf.scalar(1) }],
      /a tensor "more" that its manifest does/,
    ],
    [
      'a tensor of another shape',
      (all) => all.map((each) => (each.name.startsWith('state/average') ? { ...each, tensor: tf.ones([3]) } : each)),
      /of shape \[3\], where its manifest says \[2\]/,
    ],
    [
      'values that are not numbers',
      (all) => all.map((each) => (each.name.startsWith('base/') ? { ...each, tensor: tf.tensor1d([1, NaN]) } : each)),
      /"base\/momentum\/v\d+" with values that are not a number/,
    ],
    [
      'a disposed tensor',
      (all) => {
        const gone = tf.scalar(1);
        gone.dispose();
        return all.map((each) => (each.name === 'state/norm' ? { ...each, tensor: gone } : each));
      },
      /a disposed tensor under the name "state\/norm"/,
    ],
  ])('refuses %s, and changes nothing', async (_, change, message) => {
    const { optimizer, step, expected } = await running();
    const entries = change(await saved());
    const { numTensors } = tf.memory();
    const error = await rejectionOf(optimizer.setWeights(entries as NamedTensor[]));
    expect(error.code).toBe('STATE_INVALID');
    expect(error.message).toMatch(/^setWeights got .* Nothing was changed\. Pass everything that getWeights/);
    expect(error.message).toMatch(message);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(step()).toEqual(expected);
    optimizer.dispose();
  });

  it('takes what was saved, in any order, and before the first step', async () => {
    const { optimizer, step, expected } = await running();
    const entries = await optimizer.getWeights();
    await optimizer.setWeights([...entries].reverse());
    expect(step()).toEqual(expected);
    const fresh = optimizerOf(toySam, { rho: { schedule: 'linear', from: 1, to: 0, steps: 3 }, base });
    const other = optimizerOf(toySam, { base });
    await other.setWeights(await fresh.getWeights());
    expect(other.radius).toBe(1);
  });

  it('of another base is refused by what it remembers: at once, or at the first step, with the weights as before', async () => {
    const w = variableOf([3, 4]);
    const of = (use: string, more = {}) => optimizerOf(toySam, { base: { use, learningRate: 0.1, ...more } });
    const adam = of('adam');
    const before = await adam.getWeights();
    expect((await rejectionOf(of('sgd').setWeights(before))).code).toBe('STATE_MISMATCH'); // Its powers of beta alone.
    adam.minimize(quadratic(w), false, [w]);
    const momentum = of('momentum', { momentum: 0.9 });
    momentum.minimize(quadratic(w), false, [w]);
    for (const [from, to] of [
      [adam, of('momentum', { momentum: 0.9 })],
      [momentum, of('rmsprop')],
      [momentum, of('adam')],
    ] as const) {
      await to.setWeights(await from.getWeights());
      const values = valuesOf([w]);
      const error = thrownBy(() => to.minimize(quadratic(w), false, [w]));
      expect(error.code).toBe('STATE_MISMATCH');
      expect(error.message).toMatch(
        /^the saved optimizer has (m, v|momentum).*which does not match what \w+ remembers/,
      );
      expect(valuesOf([w])).toEqual(values);
    }
  });

  it('of memory in another shape is refused at the step that needs it', async () => {
    const w = variableOf([3, 4]);
    const first = optimizerOf(toySam, { base });
    first.minimize(quadratic(w), false, [w]);
    const entries = (await first.getWeights()).map((each) =>
      each.name.startsWith('base/') ? { ...each, tensor: tf.scalar(1) } : each,
    );
    const other = optimizerOf(toySam, { base });
    await other.setWeights(entries);
    const error = thrownBy(() => other.minimize(quadratic(w), false, [w]));
    expect(error.message).toContain('has shape [] at 0, the variable [2]');
  });

  it('whatever is given resolves, or is a FlatminError with the next step as it would have been', async () => {
    const { optimizer, step, expected } = await running();
    const entries = await saved();
    const any = fc.oneof(
      fc.anything(),
      fc.array(fc.record({ name: fc.constantFrom(manifest, 'a', 'base/x'), tensor: fc.anything() })),
      fc.json().map((text) => rewritten(entries, text)),
      fc
        .record(
          { index: fc.anything(), state: fc.anything(), slots: fc.anything(), names: fc.anything() },
          { requiredKeys: [] },
        )
        .map((members) => changed(entries, members)),
    );
    await fc.assert(
      fc.asyncProperty(any, async (given) => {
        const error = await optimizer.setWeights(given as NamedTensor[]).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error === undefined) await optimizer.setWeights(await saved());
        else expect(isFlatminError(error)).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(step()).toEqual(expected);
  });
});
