import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RandomStream } from './random.js';

const pinned = [0.5469603196826289, 0.31926565497433457, 0.27558858980700296];
const pinnedOrder = [7, 0, 2, 4, 3, 5, 6, 1];

const moments = (values: ArrayLike<number>, power: number): number =>
  Array.from(values).reduce((sum, x) => sum + x ** power, 0) / values.length;

describe('random streams', () => {
  it('are functions of seed and path: the same call gives the same numbers', () => {
    const stream = new RandomStream(42).at('noise').at(7);
    expect(stream.uniforms(5)).toEqual(stream.uniforms(5));
    expect(new RandomStream(42).at('noise').at(7).normals(5)).toEqual(stream.normals(5));
    expect(stream.uniforms(9).slice(0, 5)).toEqual(stream.uniforms(5)); // More of it begins with the same.
  });

  it('keep their numbers over releases: a saved run depends on them', () => {
    const numbers = Array.from(new RandomStream(1).at('a').at(2).uniforms(3));
    expect(numbers).toEqual(pinned);
    expect(Array.from(new RandomStream(0).permutation(8))).toEqual(pinnedOrder);
  });

  it('differ between seeds, labels and indices, and from their parent', () => {
    const root = new RandomStream(5);
    const streams = [
      root,
      new RandomStream(6),
      new RandomStream(5 + 2 ** 32),
      new RandomStream(5 + 2 ** 40),
      root.at(0),
      root.at(1),
      root.at(2 ** 32),
      root.at('0'),
      root.at('a'),
      root.at('b'),
      root.at('a').at('b'),
      root.at('b').at('a'),
      root.at('ab'),
    ];
    const first = new Set(streams.map((stream) => stream.uniforms(1)[0]));
    expect(first.size).toBe(streams.length);
    const children = Array.from({ length: 2000 }, (_, i) => root.at(i).uniforms(1)[0] as number);
    expect(new Set(children).size).toBe(2000);
    expect(moments(children, 1)).toBeCloseTo(0.5, 1); // Neighbors are independent enough to fill the interval.
    const lag = children.slice(1).reduce((sum, x, i) => sum + (x - 0.5) * ((children[i] as number) - 0.5), 0) / 1999;
    expect(Math.abs(lag)).toBeLessThan(0.01);
  });

  it('are uniform in [0, 1): mean 1/2, mean square 1/3', () => {
    const values = new RandomStream(3).uniforms(20000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(Math.abs(moments(values, 1) - 1 / 2)).toBeLessThan(0.01);
    expect(Math.abs(moments(values, 2) - 1 / 3)).toBeLessThan(0.01);
    const tenths = new Array<number>(10).fill(0);
    for (const value of values) (tenths[Math.floor(value * 10)] as number)++;
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('are standard normal: moments 0, 1, 0, 3, also of an odd number', () => {
    const values = new RandomStream(4).normals(20001);
    [0, 1, 0, 3].forEach((moment, i) => expect(Math.abs(moments(values, i + 1) - moment)).toBeLessThan(0.12));
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values[20000]).not.toBe(0);
  });

  it('permute: every number once, whatever seed and size, and every order is possible', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), fc.integer({ min: 0, max: 60 }), (seed, size) => {
        const order = new RandomStream(seed).permutation(size);
        expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = new RandomStream(9).at(i).permutation(3).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('make float32 tensors of a shape', () => {
    const stream = new RandomStream(2);
    const uniform = stream.uniform([2, 3]);
    expect([uniform.shape, uniform.dtype]).toEqual([[2, 3], 'float32']);
    expect(Array.from(uniform.dataSync())).toEqual(Array.from(Float32Array.from(stream.uniforms(6))));
    expect(Array.from(stream.normal([5]).dataSync())).toEqual(Array.from(Float32Array.from(stream.normals(5))));
  });
});
