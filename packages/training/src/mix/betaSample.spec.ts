import { RandomStream } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import { betaSample } from './betaSample.js';

const count = 4000;
const samplesOf = (alpha: number, seed = 1): number[] =>
  Array.from({ length: count }, (_, i) => betaSample(alpha, new RandomStream(seed).at(i)));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('betaSample', () => {
  it.each<[number, string, (x: number) => number]>([
    [0.5, 'the arcsine distribution', (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [1, 'the uniform one', (x) => x],
    [2, '3 x^2 - 2 x^3', (x) => 3 * x ** 2 - 2 * x ** 3],
    [3, '10 x^3 - 15 x^4 + 6 x^5', (x) => 10 * x ** 3 - 15 * x ** 4 + 6 * x ** 5],
  ])('of alpha %d has the distribution function of Beta: %s', (alpha, _, distribution) => {
    const sorted = samplesOf(alpha).sort((a, b) => a - b);
    const distance = Math.max(...sorted.map((x, i) => Math.abs(distribution(x) - (i + 0.5) / count)));
    // Kolmogorov and Smirnov: above this in one sequence of a thousand.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(count));
  });

  it.each([0.1, 0.2, 0.4, 1, 5, 50])('of alpha %d has its mean, variance and fourth moment', (alpha) => {
    const values = samplesOf(alpha).map((value) => value - 0.5);
    const variance = 1 / (4 * (2 * alpha + 1));
    const fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3));
    // Five standard errors: the variances of x, of x^2, and of x^4, which is at most 1/16, so at most fourth / 16.
    expect(Math.abs(mean(values))).toBeLessThan(5 * Math.sqrt(variance / count));
    expect(Math.abs(mean(values.map((x) => x ** 2)) - variance)).toBeLessThan(5 * Math.sqrt(fourth / count));
    expect(Math.abs(mean(values.map((x) => x ** 4)) - fourth)).toBeLessThan(5 * Math.sqrt(fourth / 16 / count));
  });

  it.each([1e-6, 0.001, 0.01, 1e6])('is a number from 0 to 1 for alpha %d', (alpha) => {
    const values = samplesOf(alpha);
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.05);
  });

  it('is a function of its stream', () => {
    expect(samplesOf(0.2)).toEqual(samplesOf(0.2));
    expect(samplesOf(0.2)).not.toEqual(samplesOf(0.2, 2));
    expect(new Set(samplesOf(0.4)).size).toBe(count);
  });
});
