import { show } from '@flatmin/core/plugin';
import { refuse } from '../errors/refuse.js';
import type { Augmentation } from './augmentation.js';

/**
 * Pads with black by `padding` pixels on each side and cuts out the original size at a uniformly random position: a
 * shift by -padding to padding in each direction (He et al. 2016, arXiv:1512.03385, section 4.2, with 4).
 */
export function randomCrop({ padding }: { readonly padding: number }): Augmentation {
  checkPixels('padding', padding, 0);
  return (values, { height, width, channels }, { random, black }) => {
    const [down, right] = [...random.uniforms(2)].map((u) => Math.floor(u * (2 * padding + 1)) - padding);
    const shifted = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const channel = i % channels;
      const pixel = (i - channel) / channels;
      const row = Math.floor(pixel / width) + (down as number);
      const column = (pixel % width) + (right as number);
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      shifted[i] = (inside ? values[(row * width + column) * channels + channel] : black[channel]) as number;
    }
    return shifted;
  };
}

/** Mirrors left and right with this probability, default one half. */
export function horizontalFlip({ probability = 0.5 }: { readonly probability?: number } = {}): Augmentation {
  if (!(probability >= 0 && probability <= 1))
    refuse(`the probability of a flip is ${show(probability)}`, 'Give 0 to 1.');
  return (values, { width, channels }, { random }) => {
    if (random.generator()() >= probability) return values;
    const flipped = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const channel = i % channels;
      const column = ((i - channel) / channels) % width;
      flipped[i] = values[i + (width - 1 - 2 * column) * channels] as number;
    }
    return flipped;
  };
}

/**
 * Sets a square of `size` x `size` pixels to 0, the mean of a normalized image. Its center is a uniform pixel, so it
 * may stick out (DeVries & Taylor 2017, arXiv:1708.04552: 16 for CIFAR-10, 8 for CIFAR-100).
 */
export function cutout({ size }: { readonly size: number }): Augmentation {
  checkPixels('size', size, 1);
  return (values, { height, width, channels }, { random }) => {
    const [u, v] = random.uniforms(2) as unknown as readonly [number, number];
    const top = Math.floor(u * height) - Math.floor(size / 2);
    const left = Math.floor(v * width) - Math.floor(size / 2);
    for (let row = Math.max(0, top); row < Math.min(height, top + size); row++) {
      const start = (row * width + Math.max(0, left)) * channels;
      const end = (row * width + Math.min(width, left + size)) * channels;
      values.fill(0, start, end);
    }
    return values;
  };
}

function checkPixels(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    refuse(`${name} is ${show(value)}`, `Give whole pixels, at least ${least}.`);
}
