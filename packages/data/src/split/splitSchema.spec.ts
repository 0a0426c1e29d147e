import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { splitSchema } from '../index.js';

const schema = z.strictObject(splitSchema);

describe('splitSchema', () => {
  it('fills in the documented defaults', () => {
    expect(schema.parse({ labelNoise: { rate: 0.4 } })).toEqual({
      validation: 0.1,
      seed: 0,
      labelNoise: { kind: 'symmetric', rate: 0.4 },
    });
  });

  it.each([
    { validation: 1 },
    { validation: -0.1 },
    { seed: 0.5 },
    { labelNoise: {} },
    { labelNoise: { rate: 1.5 } },
    { labelNoise: { rate: 0.1, kind: 'uniform' } },
    { labelNois: { rate: 0.1 } },
  ])('refuses %p', (options) => {
    expect(schema.safeParse(options).success).toBe(false);
  });
});
