import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { reference } from './reference.fixture.js';
import { exampleLength, generate } from './generate.js';

const { features, labels } = generate();
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('generate', () => {
  it('has the published labels, all 5,000 in order', () => {
    expect([...labels.subarray(0, 20)]).toEqual(reference.labels.first20);
    expect(sha256(Uint8Array.from(labels))).toBe(reference.labels.sha256OfUint8);
  });

  it('has the published values of 20 rows within 1e-6', () => {
    expect(reference.rows).toHaveLength(20);
    for (const { index, label, values } of reference.rows) {
      expect(labels[index]).toBe(label);
      values.forEach((value, i) => {
        expect(Math.abs((features[index * exampleLength + i] as number) - value)).toBeLessThan(1e-6);
      });
    }
  });

  it('has the published sums over all values', () => {
    expect(features).toHaveLength(5000 * 40);
    expect(Math.abs(features.reduce((sum, value) => sum + value, 0) - reference.sum)).toBeLessThan(1e-6);
    expect(Math.abs(features.reduce((sum, value) => sum + value ** 2, 0) - reference.sumOfSquares)).toBeLessThan(1e-6);
    expect(features.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)).toBeCloseTo(5.48, 2);
  });
});
