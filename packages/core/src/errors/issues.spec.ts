import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { closest } from './closest.js';
import { throwProblems } from './errors.js';
import { validated } from './issues.js';
import { thrownBy } from '../toys.fixture.js';

const schema = z.strictObject({
  epochs: z.int().min(1),
  share: z.number().min(0).lt(1).default(0).describe('part of it'),
  mode: z.enum(['paper', 'robust']).optional(),
  parts: z
    .array(z.enum(['train', 'test']))
    .min(1)
    .optional(),
  rate: z
    .union([
      z.number().nonnegative(),
      z.discriminatedUnion('schedule', [
        z.strictObject({ schedule: z.literal('constant') }),
        z.strictObject({ schedule: z.literal('step'), everyEpochs: z.number().positive() }),
      ]),
    ])
    .optional(),
  metric: z
    .string()
    .regex(/^train/, 'is not of the training part')
    .optional(),
});

/** The line of each problem, as users see it. */
function linesOf(value: unknown): readonly string[] {
  const { problems } = validated(schema, value, { name: 'the config' });
  if (problems.length === 0) return [];
  return thrownBy(() => throwProblems(problems, 'it'))
    .message.split('\n')
    .slice(1)
    .map((line) => line.slice(4));
}

describe('case 25: a problem is said once: what is wrong, what stands there, what to write', () => {
  it.each<[string, object, string]>([
    ['too small', { epochs: 0 }, 'epochs: is out of range (got 0). Use a whole number of at least 1.'],
    ['too large', { share: 1 }, 'share: is out of range (got 1). Use a number of at least 0 and below 1 (part of it).'],
    ['half', { epochs: 1.5 }, 'epochs: is not a whole number (got 1.5). Use a whole number of at least 1.'],
    ['text', { epochs: '3' }, 'epochs: is of the wrong type (got "3"). Use a whole number of at least 1.'],
    ['no number', { share: NaN }, 'share: is of the wrong type (got NaN). Use a number of at least 0 and below 1 (part of it).'],
    ['nothing', { epochs: undefined }, 'epochs: is missing. Use a whole number of at least 1.'],
    ['empty', { parts: [] }, 'parts: is too short (got []). Use a list of at least 1, each "train" or "test".'],
    ['another value', { mode: 'fast' }, 'mode: is not one of the allowed values (got "fast"). Use "paper" or "robust".'],
    ['a message of its own', { metric: 'test.loss' }, 'metric: is not of the training part (got "test.loss"). Use a string.'],
    ['below, in a union', { rate: -1 }, 'rate: is out of range (got -1). Use a number of at least 0, or { "schedule": "constant", ... }, or { "schedule": "step", ... }.'],
    ['inside of an alternative', { rate: { schedule: 'step', everyEpochs: 0 } }, 'rate.everyEpochs: is out of range (got 0). Use a number above 0.'],
  ])('%s', (_, given, line) => {
    expect(linesOf({ epochs: 1, ...given })).toEqual([line]);
  });
}); // prettier-ignore

describe('case 25: typos', () => {
  it.each<[string, object, string]>([
    ['a name', { shre: 0.5 }, 'shre: is not an option of the config (got 0.5). Did you mean "share"?'],
    ['a value', { mode: 'Robuust' }, 'mode: is not one of the allowed values (got "Robuust"). Did you mean "robust"?'],
    [
      'a value in a list',
      { parts: ['tset'] },
      'parts.0: is not one of the allowed values (got "tset"). Did you mean "test"?',
    ],
    [
      'which of the alternatives',
      { rate: { schedule: 'stpe' } },
      'rate.schedule: is not one of the allowed values (got "stpe"). Did you mean "step"?',
    ],
    [
      'a name inside',
      { rate: { schedule: 'step', everyEpochs: 1, everyEpoch: 1 } },
      'rate.everyEpoch: is not an option of rate (got 1). Did you mean "everyEpochs"?',
    ],
    [
      'nothing that is known',
      { colour: 1 },
      'colour: is not an option of the config (got 1). Options of the config: epochs, share, mode, parts, rate, metric.',
    ],
  ])('in %s', (_, given, line) => {
    expect(linesOf({ epochs: 1, ...given })).toEqual([line]);
  });

  it('in a name that is needed are not said to be missing, too', () => {
    expect(linesOf({ epoch: 3 })).toEqual(['epoch: is not an option of the config (got 3). Did you mean "epochs"?']);
    expect(linesOf({ rate: { schedule: 'step', everyEpoch: 1 }, epochs: 1 })).toHaveLength(1);
  });
});

describe('closest', () => {
  const ids = ['sam', 'asam', 'esam', 'fsam', 'lets', 'mlp', 'vit', 'mlp1d-cnn'];
  it.each([
    ['asma', 'asam'],
    ['ASAM', 'asam'],
    ['mpl', 'mlp'],
    ['smam', 'sam'],
    ['Lets', 'lets'],
    ['mlp1d', undefined],
    ['transformer', undefined],
    ['xyz', undefined],
  ])('to %s is %s', (written, meant) => {
    expect(closest(written, ids)).toBe(meant);
  });

  it('is not looked for in a name of a megabyte', () => {
    expect(closest('x'.repeat(1_000_000), ids)).toBeUndefined();
  });
});
