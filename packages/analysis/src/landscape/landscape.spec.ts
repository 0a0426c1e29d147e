import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RandomStream } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { quadratic, symmetric } from '../curvature/quadratic.fixture.js';
import {
  barrierOf,
  filterNormalized,
  filterPlane,
  type LandscapePoint,
  line,
  placeOf,
  plane,
  planeThrough,
  trajectoryOf,
} from '../index.js';
import { reference, referenceSurface, vector } from '../reference.fixture.js';
import { dot, minus, norm, plus, scaled } from '../vectors/vector.js';

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const [weights, other, third] = [vector(reference.weights), vector(reference.other), vector(reference.third)];

describe('a line', () => {
  it('has the losses of NumPy, at its ends those of the two, and the barrier between them', async () => {
    const { surface, dispose } = await referenceSurface();
    const found = await line({ train: surface }, weights, other, { from: -0.5, to: 1.5, points: 9 });
    for (const { alpha, loss } of reference.line) {
      const point = found.points.find(({ at }) => Math.abs((at[0] as number) - alpha) < 1e-12);
      expect(point?.values['train']?.loss).toBeCloseTo(loss, 6);
    }
    expect(found.distance).toBeCloseTo(norm(minus(other, weights)), 6);
    const at = (alpha: number): number => reference.line.find((each) => each.alpha === alpha)?.loss as number;
    const { barrier } = barrierOf(found, 'train');
    expect(barrier).toBeGreaterThanOrEqual(at(0.5) - (at(0) + at(1)) / 2 - 1e-6);
    dispose();
  });

  it('through one basin has no barrier, over a hill the height of it', async () => {
    const { surface, dispose } = await quadratic(symmetric([2, 1]), [0, 0]);
    const bowl = await line({ bowl: surface }, vector([1, 1]), vector([-1, -1]));
    expect(barrierOf(bowl, 'bowl').barrier).toBeCloseTo(0, 6);
    dispose();
    const hill = await quadratic(symmetric([-2, -2]), [0, 0]);
    const over = await line({ hill: hill.surface }, vector([1, 0]), vector([-1, 0]));
    expect(() => barrierOf(over, 'valley')).toThrow(/the loss of valley is NaN at 0 between the two/);
    expect(barrierOf(over, 'hill')).toEqual({ barrier: expect.closeTo(1, 5) as unknown, alpha: 0.5 });
    hill.dispose();
  });

  it('has the barrier above the straight line between its ends, each at its own, and between them alone', () => {
    // 1 to 3: at 0.25 the straight line is at 1.5, at 0.75 at 2.5.
    const losses = [[-0.5, 100], [0, 1], [0.25, 4], [0.75, 4.5], [1, 3], [1.5, 100]] as const; // prettier-ignore
    const points = losses.map(([alpha, loss]) => ({ at: [alpha], values: { train: { loss, metrics: {} } } }));
    expect(barrierOf({ points, distance: 1 }, 'train')).toEqual({ barrier: 2.5, alpha: 0.25 });
  });
});

describe('a plane', () => {
  it("has the model's loss in its center, whatever its directions, and is side by side for two surfaces", async () => {
    const [train, test] = [await referenceSurface(), await referenceSurface({ batches: [12, 12] })];
    const random = filterPlane(train.surface.weights, train.surface.parameters, 3);
    const { points, x, y } = await plane({ train: train.surface, test: test.surface }, random, { points: 5 });
    expect([x, y]).toEqual([[-1, -0.5, 0, 0.5, 1], [-1, -0.5, 0, 0.5, 1]]); // prettier-ignore
    const center = points.find(({ at }) => at.every((value) => value === 0));
    const { loss, metrics } = await train.surface.value();
    expect(center?.values['train']).toEqual({ loss, metrics });
    expect(center?.values['test']?.loss).toBeCloseTo(loss, 6);
    expect(points).toHaveLength(25);
    train.dispose();
    test.dispose();
  });

  it('of a quadratic around its minimum is symmetric, and the same when it is turned', async () => {
    const { surface, dispose } = await quadratic(symmetric([4, 3, 2, 1]), [0, 0, 0, 0]);
    const [u, v] = [vector([1, 0, 0, 0]), vector([0, 1, 0, 0])];
    const lossAt = (points: readonly LandscapePoint[], ...at: readonly number[]): number =>
      points.find((point) => point.at.every((value, i) => value === at[i]))?.values['bowl']?.loss as number;
    const { points } = await plane({ bowl: surface }, { origin: surface.weights, directions: [u, v] }, { points: 5 });
    const turned = await plane(
      { bowl: surface },
      { origin: surface.weights, directions: [v, scaled(u, -1)] },
      { points: 5 },
    );
    for (const [x, y] of [
      [1, 0.5],
      [-0.5, 1],
      [1, -1],
    ] as const) {
      // prettier-ignore
      expect(lossAt(points, x, y)).toBeCloseTo(lossAt(points, -x, -y), 6);
      // x u + y v is y v - (-x) u.
      expect(lossAt(turned.points, y, -x)).toBeCloseTo(lossAt(points, x, y), 6);
    }
    dispose();
  });

  it('goes on from points that are known, tells each, and ends when asked to', async () => {
    const { surface, dispose } = await referenceSurface();
    const random = filterPlane(surface.weights, surface.parameters);
    const stop = new AbortController();
    const told: LandscapePoint[] = [];
    const onPoint = (point: LandscapePoint, done: number): void => {
      told.push(point);
      if (done === 4) stop.abort();
    };
    const part = await plane({ train: surface }, random, { points: 3, onPoint, signal: stop.signal });
    expect(part.points).toEqual(told);
    expect(told).toHaveLength(4);
    const { values } = surface.passes;
    const whole = await plane({ train: surface }, random, {
      points: 3,
      known: JSON.parse(JSON.stringify(told)) as LandscapePoint[],
    });
    expect(surface.passes.values).toBe(values + 5);
    expect(whole.points).toEqual((await plane({ train: surface }, random, { points: 3 })).points);
    dispose();
  });

  it('through three points has them where they are, by their distances', () => {
    const through = planeThrough(weights, other, third);
    const places = [weights, other, third].map((each) => placeOf(each, through));
    expect(places[0]).toEqual({ x: 0, y: 0, distance: 0 });
    expect(places[1]?.x).toBeCloseTo(norm(minus(other, weights)), 5);
    expect(places[1]?.y).toBeCloseTo(0, 5);
    for (const { distance } of places) expect(distance).toBeLessThan(1e-5);
    const [b, c] = [places[1] as { x: number; y: number }, places[2] as { x: number; y: number }];
    expect(Math.hypot(b.x - c.x, b.y - c.y)).toBeCloseTo(norm(minus(other, third)), 5);
    expect(() => planeThrough(weights, other, plus(weights, 0.5, minus(other, weights)))).toThrow(/lie on a line/);
    expect(() => planeThrough(weights, weights, other)).toThrow(/lie on a line/);
  });

  it('is that of one model', async () => {
    const { surface, dispose } = await referenceSurface();
    await expect(line({ train: surface }, vector([1]), vector([2]))).rejects.toThrow(
      /has 38 weights, and a point or direction 1/,
    );
    await expect(line({}, weights, other)).rejects.toThrow(/got no surface/);
    await expect(plane({ train: surface }, planeThrough(weights, other, third), { points: 1 })).rejects.toThrow(
      /points: is out of range/,
    );
    dispose();
  });
});

describe('a filter-normalized direction', () => {
  const parameters = [
    { name: 'conv/kernel', shape: [3, 3, 2, 4], role: 'kernel', start: 0, end: 72 },
    { name: 'conv/bias', shape: [2, 2], role: 'bias', start: 72, end: 76 },
    { name: 'tokens/embedding', shape: [5, 3], role: 'embedding', start: 76, end: 91 },
    { name: 'norm/gamma', shape: [2, 2], role: 'normalization', start: 91, end: 95 },
    { name: 'scale', shape: [3], role: 'other', start: 95, end: 98 },
  ] as const;
  const all = Float32Array.from(new RandomStream(1).normals(98));

  it('has each filter as long as that of the weights, and leaves biases and normalization', () => {
    const direction = filterNormalized(all, parameters, new RandomStream(2));
    const lengthOf = (values: Float32Array, chosen: (i: number) => boolean): number =>
      norm(values.filter((_, i) => chosen(i)));
    for (let output = 0; output < 4; output++) {
      const isOf = (i: number): boolean => i < 72 && i % 4 === output;
      expect(lengthOf(direction, isOf)).toBeCloseTo(lengthOf(all, isOf), 5);
    }
    for (let row = 0; row < 5; row++) {
      const isOf = (i: number): boolean => i >= 76 && i < 91 && Math.floor((i - 76) / 3) === row;
      expect(lengthOf(direction, isOf)).toBeCloseTo(lengthOf(all, isOf), 5);
    }
    expect([...direction.subarray(72, 76), ...direction.subarray(91)]).toEqual(Array<number>(11).fill(0));
    // Towards what was drawn.
    const drawn = new RandomStream(2).normals(98);
    direction.forEach((value, i) => expect(value * (drawn[i] as number)).toBeGreaterThanOrEqual(0));
  });

  it('scales with the layers: a network scaled up has the same landscape', () => {
    const scaledUp = all.map((value, i) => (i < 72 ? 10 * value : value));
    const [a, b] = [all, scaledUp].map((each) => filterNormalized(each, parameters, new RandomStream(2)));
    a?.forEach((value, i) => expect(b?.[i]).toBeCloseTo(i < 72 ? 10 * value : value, 4));
  });

  it('makes a plane of two that are at right angles', () => {
    const { directions } = filterPlane(all, parameters, 5);
    expect(dot(directions[0], directions[1])).toBeCloseTo(0, 4);
    // Both as long as what they may move.
    const length = norm(all.filter((_, i) => i < 72 || (i >= 76 && i < 91)));
    for (const direction of directions) expect(norm(direction)).toBeCloseTo(length, 4);
  });

  it('is the unit of places in its plane', () => {
    const seen = filterPlane(all, parameters, 5);
    const [first, second] = seen.directions;
    const { x, y, distance } = placeOf(plus(plus(all, 2, first), -3, second), seen);
    expect(x).toBeCloseTo(2, 5);
    expect(y).toBeCloseTo(-3, 5);
    expect(distance).toBeLessThan(1e-4);
  });
});

describe('a trajectory', () => {
  it('has the variances of NumPy along its two directions, and ends where the run did', () => {
    const mixed = (a: number, b: number, x = weights, y = other) => plus(scaled(x, a), b, y);
    const points = [weights, other, third, mixed(0.3, 0.5), mixed(0.2, 0.8, weights, third)];
    const { explained, places, plane: seen } = trajectoryOf(points);
    reference.trajectory.explained.forEach((share, i) => expect(explained[i]).toBeCloseTo(share, 5));
    expect(places.at(-1)).toEqual({ x: 0, y: 0, distance: 0 });
    const [first, second] = seen.directions;
    expect([dot(first, first), dot(second, second)].every((value) => Math.abs(value - 1) < 1e-5)).toBe(true);
    expect(dot(first, second)).toBeCloseTo(0, 5);
    // What moved most moved forward, whoever decomposes.
    const furthest = (values: readonly number[]) => values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
    expect(furthest(places.map(({ x }) => x))).toBeGreaterThan(0);
    expect(furthest(places.map(({ y }) => y))).toBeGreaterThan(0);
    for (const [i, { x, y, distance }] of places.entries()) {
      const away = minus(points[i] as Float32Array, points.at(-1) as Float32Array);
      expect(x * x + y * y + distance * distance).toBeCloseTo(dot(away, away), 3);
    }
  });

  it('needs three points that are not on a line', () => {
    expect(() => trajectoryOf([weights, other])).toThrow(/got 2 points, and a plane needs three/);
    expect(() => trajectoryOf([weights, weights, other, other])).toThrow(/on a line/);
  });
});
