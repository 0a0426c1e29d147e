import { describe, expect, it } from '@jest/globals';
import { selectExamples, table } from '../index.js';

const three = {
  features: Float32Array.of(1, 2, 3, 4, 5, 6),
  labels: Int32Array.of(2, 0, 1),
  inputShape: [2],
  classes: 3,
};

describe('table', () => {
  it('keeps the given arrays', async () => {
    const made = table(three);
    expect(made.labels).toBe(three.labels);
    expect([made.size, made.inputShape, made.classes]).toEqual([3, [2], 3]);
    for (const row of await made.read([0, 2])) expect(row.buffer).toBe(three.features.buffer);
  });

  it('gives whole rows in the asked order, again where asked again', async () => {
    const rows = await table(three).read([2, 0, 2]);
    expect(rows.map((row) => [...row])).toEqual([[5, 6], [1, 2], [5, 6]]); // prettier-ignore
  });

  it.each([
    [
      'a label missing',
      { labels: Int32Array.of(2, 0) },
      /features have 6 values, but 2 labels x inputShape \[2\] are 4/,
    ],
    ['a label too high', { labels: Int32Array.of(2, 0, 3) }, /labels\[2\] is 3, not a class from 0 to 2/],
    ['a label below 0', { labels: Int32Array.of(-1, 0, 1) }, /labels\[0\] is -1/],
    ['a NaN', { features: Float32Array.of(1, 2, 3, NaN, 5, 6) }, /features\[3\] \(row 1\) is NaN/],
    ['an infinity', { features: Float32Array.of(1, 2, 3, 4, 5, -Infinity) }, /features\[5\] \(row 2\) is -Infinity/],
    ['one class', { classes: 1 }, /classes is 1/],
    ['a shape with 0', { inputShape: [2, 0] }, /inputShape is \[2,0\]/],
    ['a plain array', { labels: [2, 0, 1] as unknown as Int32Array }, /labels are of type Array\. .*Int32Array\.from/],
    ['doubles', { features: new Float64Array(6) as unknown as Float32Array }, /features are of type Float64Array/],
  ])('refuses %s', (_, change, message) => {
    expect(() => table({ ...three, ...change })).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) }),
    );
  });
});

describe('selectExamples', () => {
  it('takes whole rows with their labels in the asked order, again where asked again', async () => {
    const chosen = selectExamples(table(three), Uint32Array.of(2, 0, 2));
    expect((await chosen.read([0, 1, 2])).map((row) => [...row])).toEqual([[5, 6], [1, 2], [5, 6]]); // prettier-ignore
    expect([...chosen.labels]).toEqual([1, 2, 1]);
    expect([chosen.size, chosen.inputShape, chosen.classes]).toEqual([3, [2], 3]);
  });

  it('refuses row 3 of 3', () => {
    expect(() => selectExamples(table(three), Uint32Array.of(3))).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID' }),
    );
  });
});
