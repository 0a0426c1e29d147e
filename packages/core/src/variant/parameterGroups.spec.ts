import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { thrownBy } from '../toys.fixture.js';
import { groupsSchema, type ParameterGroup, settingsOfGroups } from './parameterGroups.js';
import { describeParameters } from './parameters.js';

const net = describeParameters([
  { name: 'stem/kernel', shape: [3, 4] },
  { name: 'stem/bias', shape: [4] },
  { name: 'norm/gamma', shape: [4] },
  { name: 'head_1/kernel_1', shape: [4, 2] },
]);
const factorsOf = (groups: readonly ParameterGroup[], key: 'learningRate' | 'rho' | 'decay' | 'frozen') =>
  settingsOfGroups(groups, net).map((settings) => settings[key]);
const refusal = (groups: readonly ParameterGroup[]): string => thrownBy(() => settingsOfGroups(groups, net)).message;

describe('groups of parameters', () => {
  it('match by role, one or several', () => {
    expect(factorsOf([{ match: { role: 'normalization' }, rho: 0 }, {}], 'rho')).toEqual([1, 1, 0, 1]);
    expect(factorsOf([{ match: { role: ['bias', 'kernel'] }, decay: 2 }, {}], 'decay')).toEqual([2, 2, 1, 2]);
  });

  it('match by the whole name, * for any text, with or without the suffix of TF.js', () => {
    expect(factorsOf([{ match: { name: 'stem/*' }, frozen: true }, {}], 'frozen')).toEqual([true, true, false, false]);
    expect(factorsOf([{ match: { name: '*/kernel' }, rho: 3 }, {}], 'rho')).toEqual([3, 1, 1, 3]);
    expect(factorsOf([{ match: { name: 'head_1/kernel_1' }, rho: 3 }, {}], 'rho')).toEqual([1, 1, 1, 3]);
    expect(refusal([{ match: { name: 'stem' } }, {}])).toBe(
      'group 0 matches {"name":"stem"}, which fits none of the parameters stem/kernel, stem/bias, norm/gamma, ' +
        'head_1/kernel_1. Change match, or remove the group.',
    );
  });

  it('read a pattern as text, but for *', () => {
    const text = fc.string({ minLength: 1 }).map((each) => each.replaceAll('*', '+'));
    fc.assert(
      fc.property(text, text, text, (start, middle, end) => {
        const takes = (name: string, pattern: string): boolean =>
          settingsOfGroups(
            [{ match: { name: pattern }, frozen: true }, {}],
            describeParameters([name, pattern].map((each) => ({ name: each, shape: [1] }))),
          )[0]?.frozen === true;
        expect(takes(start + middle + end, `${start}*${end}`)).toBe(true);
        expect(takes(`${start}x`, start)).toBe(false);
      }),
    );
  });

  it('match by depth as slice does, and everything that is given has to hold', () => {
    expect(factorsOf([{ match: { depth: [0, 2] }, rho: 2 }, {}], 'rho')).toEqual([2, 2, 2, 1]);
    expect(factorsOf([{ match: { depth: [-1] }, rho: 2 }, {}], 'rho')).toEqual([1, 1, 1, 2]);
    expect(factorsOf([{ match: { depth: [0, -2], role: 'bias' }, rho: 2 }, {}], 'rho')).toEqual([1, 2, 1, 1]);
  });

  it('decay the learning rate from the output down', () => {
    expect(factorsOf([{ layerDecay: 0.5, learningRate: 3 }], 'learningRate')).toEqual([0.75, 0.75, 1.5, 3]);
  });

  it('take every parameter once, or say which they do not', () => {
    expect(refusal([{ match: { role: 'kernel' } }])).toBe(
      'no group takes the parameter "stem/bias" (bias, layer 0 of 3). Add a group that matches it, or one without match, ' +
        'which takes all that are left.',
    );
    expect(refusal([{ match: { role: 'kernel' } }, {}, { match: { name: 'stem/*' } }])).toBe(
      'groups 0 and 2 both take the parameter "stem/kernel" (kernel). Change match, so that only one does.',
    );
  });

  it('refuse what is not a group', () => {
    const pathOf = (groups: unknown): string | undefined =>
      groupsSchema.safeParse(groups).error?.issues[0]?.path.join('.');
    expect(pathOf([{ match: { role: 'weight' } }])).toBe('0.match.role');
    expect(pathOf([{ rho: -1 }])).toBe('0.rho');
    expect(pathOf([{ learningrate: 1 }])).toBe('0');
    expect(pathOf([{ match: { depth: 1 } }])).toBe('0.match.depth');
    expect(pathOf([])).toBe('');
    expect(groupsSchema.safeParse([{}, { rho: 0 }]).error?.issues[0]?.message).toBe('more than one group has no match');
  });
});
