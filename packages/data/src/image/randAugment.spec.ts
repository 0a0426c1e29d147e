import { RandomStream } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import { augmentationsOf, augmentSchema, imagePipeline, randAugment } from '../index.js';
import { byPillow, source } from './byPillow.fixture.js';
import * as operations from './byteOperations.js';
import { randAugmentOperations } from './randAugment.js';

const image = (width: number, channels: number, ...data: number[]) => ({
  width,
  height: data.length / width / channels,
  channels,
  data: Uint8Array.from(data),
});

describe('the operations', () => {
  it.each(byPillow)('%s by %d is Pillow’s', (name, strength, expected) => {
    expect([...operations[name](source, strength)]).toEqual(expected);
  });

  it('equalize is Pillow’s', () => {
    const data = Uint8Array.from({ length: 640 }, (_, i) => ((i * i) % 97) + (i % 3) * 20);
    const found = operations.equalize({ width: 32, height: 20, channels: 1, data });
    // prettier-ignore
    const first = [0, 26, 84, 14, 65, 148, 65, 162, 255, 192, 33, 142, 95, 231, 76, 51, 197, 255, 60, 224];
    expect([...found.subarray(0, 20)]).toEqual(first);
    expect(found.reduce((sum, value) => sum + value, 0)).toBe(97_333);
  });

  it('shift by whole pixels, black where there were none', () => {
    const square = image(2, 1, 1, 2, 3, 4);
    expect([...operations.translateX(square, 1.9)]).toEqual([0, 1, 0, 3]);
    expect([...operations.translateX(square, -1)]).toEqual([2, 0, 4, 0]);
    expect([...operations.translateY(square, 1)]).toEqual([0, 0, 1, 2]);
  });

  it('turn a quarter counter-clockwise, and back', () => {
    const square = image(2, 1, 1, 2, 3, 4);
    expect([...operations.rotate(square, 90)]).toEqual([2, 4, 1, 3]);
    expect([...operations.rotate(square, -90)]).toEqual([3, 1, 4, 2]);
  });

  it('leave gray images gray, and a channel of one value as it is', () => {
    const flat = image(2, 1, 7, 7, 7, 7);
    for (const found of [operations.color(flat, 0), operations.autoContrast(flat), operations.equalize(flat)]) {
      expect([...found]).toEqual([7, 7, 7, 7]);
    }
    // Mean of 0, 10, 20, 31 is 15.25: half of the way from 15.
    expect([...operations.contrast(image(2, 1, 0, 10, 20, 31), 0.5)]).toEqual([7, 12, 17, 23]);
  });
});

describe('the strengths', () => {
  const at = (magnitude: number) =>
    Object.fromEntries(
      randAugmentOperations.map(({ name, strength }) => [
        name,
        +strength(magnitude / 30, { width: 331, height: 662, channels: 3 }).toFixed(9),
      ]),
    );

  it('are those of torchvision at 9 of 30, by hand', () => {
    expect(at(9)).toEqual({
      identity: 0,
      'shear x': 0.09,
      'shear y': 0.09,
      'translate x': 45,
      'translate y': 90,
      rotate: 9,
      brightness: 0.27,
      color: 0.27,
      contrast: 0.27,
      sharpness: 0.27,
      // 9 / 7.5 is 1.2: one bit less.
      posterize: 7,
      solarize: 178.5,
      'auto contrast': 0,
      equalize: 0,
    });
  });

  it('go from nothing to the greatest, posterize in whole bits', () => {
    expect(at(0)).toMatchObject({ 'shear x': 0, rotate: 0, brightness: 0, posterize: 8, solarize: 255 });
    expect(at(30)).toMatchObject({
      'shear x': 0.3,
      'translate x': 150,
      rotate: 30,
      color: 0.9,
      posterize: 4,
      solarize: 0,
    });
    // 15 / 7.5 is 2, 11 / 7.5 is 1.47, 12 / 7.5 is 1.6.
    expect([11, 12, 15].map((magnitude) => at(magnitude)['posterize'])).toEqual([7, 6, 6]);
  });
});

describe('randAugment', () => {
  const shape = { width: 6, height: 5, channels: 3 };
  const normalize = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const prepare = (choice: object, constants: typeof normalize | undefined = normalize) =>
    imagePipeline({ shape, normalize: constants, augment: [randAugment(choice)] });
  /** Bytes that normalized values stand for. */
  const bytesOf = (values: Float32Array) =>
    Array.from(values, (v, i) => {
      const byte = 255 * (v * (normalize.std[i % 3] as number) + (normalize.mean[i % 3] as number));
      expect(Math.abs(byte - Math.round(byte))).toBeLessThan(1e-3);
      // Without the sign of zero.
      return Math.round(byte) + 0;
    });
  const draws = (choice: object, count: number) =>
    Array.from({ length: count }, (_, i) => bytesOf(prepare(choice)(source.data, new RandomStream(i))).join());

  const share = 9 / 30;
  const single = new Set(
    randAugmentOperations.flatMap(({ strength, signed, apply }) => {
      const amount = strength(share, shape);
      return (signed ? [amount, -amount] : [amount]).map((each) => apply(source, each).join());
    }),
  );

  it('applies each of the operations, with both signs, and nothing else', () => {
    const found = draws({ operations: 1, magnitude: 9 }, 600);
    expect(new Set(found)).toEqual(single);
    // Identity, and what leaves this image as it is: binomial with p of at least 1/14, so 600 / 14 = 43, less 4
    // deviations of 6.3.
    expect(found.filter((each) => each === source.data.join()).length).toBeGreaterThan(17);
  });

  it('is the same for one stream, and chains its operations', () => {
    expect(draws({}, 20)).toEqual(draws({}, 20));
    // Of so small an image, seven of the 14 leave something at this magnitude: (1/2)^2 of 200 are 50, less 4 deviations
    // of 6.
    expect(draws({}, 200).filter((each) => !single.has(each)).length).toBeGreaterThan(26);
    const plain = imagePipeline({ shape, augment: [randAugment()] });
    const values = plain(source.data, new RandomStream(4));
    expect(Array.from(values, (v) => Math.round(255 * v)).join()).toBe(draws({}, 5)[4]);
  });

  it('has black outside, whatever the normalization', () => {
    const white = source.data.slice().fill(255);
    const constant = imagePipeline({ shape, normalize, augment: [randAugment({ magnitude: 30 })] });
    const all = Array.from({ length: 50 }, (_, i) => bytesOf(constant(white, new RandomStream(i)))).flat();
    expect([Math.min(...all), Math.max(...all)]).toEqual([0, 255]);
  });

  it('refuses other numbers, in code and in options', () => {
    for (const wrong of [{ magnitude: 31 }, { magnitude: 0.5 }, { operations: 0 }]) {
      expect(() => randAugment(wrong)).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
      expect(augmentSchema.safeParse([{ use: 'rand-augment', ...wrong }]).success).toBe(false);
    }
    expect(augmentSchema.parse([{ use: 'rand-augment' }])).toEqual([
      { use: 'rand-augment', operations: 2, magnitude: 9 },
    ]);
    const [step] = augmentationsOf([{ use: 'rand-augment', magnitude: 9, operations: 1 }]);
    const context = { random: new RandomStream(1).at(0), black: [0, 0, 0], white: [255, 255, 255] };
    const found = step?.(Float32Array.from(source.data), shape, context);
    expect([...(found ?? [])].map(Math.round).join()).toBe(draws({ operations: 1 }, 2)[1]);
  });
});
