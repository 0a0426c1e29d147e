import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fieldAt, namesOf, withField, withSettings } from './fields.js';

const config = {
  optimizer: { use: 'sam', rho: 0.05, base: { use: 'sgd' } },
  methods: { 'SAM .5': { use: 'sam', rho: 0.5 } },
  seeds: [0, 1],
};

describe('a path of a config', () => {
  it('is its names; a name with a dot in it is one where the config has it', () => {
    expect(namesOf('optimizer.base.learningRate', config)).toEqual(['optimizer', 'base', 'learningRate']);
    expect(namesOf('methods.SAM .5.rho', config)).toEqual(['methods', 'SAM .5', 'rho']);
    expect(namesOf('methods.SAM .5', config)).toEqual(['methods', 'SAM .5']);
    expect(namesOf('seeds.1', config)).toEqual(['seeds', '1']);
  });

  it('is set where it is, and nothing else changes', () => {
    const names = ['optimizer', 'rho'];
    const changed = withField(config, names, 1) as typeof config;
    expect(changed).toEqual({ ...config, optimizer: { ...config.optimizer, rho: 1 } });
    expect(Object.keys(changed.optimizer)).toEqual(['use', 'rho', 'base']);
    expect(config.optimizer.rho).toBe(0.05);
    expect(withField(config, ['seeds', '1'], 7)).toMatchObject({ seeds: [0, 7] });
    expect(withField(config, ['dataset', 'labelNoise', 'rate'], 0.2)).toMatchObject({
      dataset: { labelNoise: { rate: 0.2 } },
    });
  });

  it('gives back what was set, whatever the names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
        fc.jsonValue(),
        fc.object(),
        (names, field, value) => {
          const changed = withField(value, names, field);
          expect(fieldAt(changed, names)).toEqual(field);
          expect(Object.getPrototypeOf(changed)).toBe(Object.prototype);
        },
      ),
    );
  });
});

describe('--set', () => {
  it('takes JSON, else a text, one after the other', () => {
    const settings = [
      'optimizer.rho=0.1',
      'seeds=[3]',
      'dataset.use=digits',
      'dataset={"use":"idx"}',
      'dataset.set = a=b',
    ];
    expect(withSettings(config, settings)).toEqual({
      ...config,
      optimizer: { ...config.optimizer, rho: 0.1 },
      seeds: [3],
      dataset: { use: 'idx', set: 'a=b' },
    });
  });

  it.each([
    ['.1', 0.1],
    ['-1.', -1],
    ['+2e-3', 0.002],
    [' 5 ', 5],
    ['1.2.3', '1.2.3'],
    ['1e', '1e'],
    ['-', '-'],
    ['"5"', '5'],
  ])('reads %j as people write numbers', (text, value) => {
    expect(withSettings({}, [`a=${text}`])).toEqual({ a: value });
  });

  it.each(['[0,1', '{a:1}', '"x'])('refuses %j, which was meant as JSON, with its place', (text) => {
    expect(() => withSettings({}, [`a=${text}`])).toThrow(/^--set:1:\d+: expected /);
  });

  it.each(['rho', '=1', ''])('refuses %j', (setting) => {
    expect(() => withSettings(config, [setting])).toThrow(/is not a path and a value\. Write --set path=value/);
  });
});
