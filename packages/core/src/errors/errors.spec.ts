import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { errorCodes, FlatminError, isFlatminError, show, throwProblems } from './errors.js';
import { thrownBy } from '../toys.fixture.js';

describe('errors', () => {
  it('are all explained in docs/reference/errors.md, with meaning and remedy, and nothing else is', () => {
    const page = readFileSync(path.join(__dirname, '../../../../docs/reference/errors.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|(.+)\|(.+)\|$/gm)];
    expect(rows.map(([, code]) => code)).toEqual([...errorCodes]);
    for (const [, , meaning, remedy] of rows) {
      expect((meaning as string).trim().length).toBeGreaterThan(20);
      expect((remedy as string).trim().length).toBeGreaterThan(10);
    }
  });

  it('are known by a brand, across copies of the package', () => {
    const error = new FlatminError('NON_FINITE', 'text', { cause: 7 });
    expect(error).toMatchObject({ name: 'FlatminError', code: 'NON_FINITE', message: 'text', cause: 7, problems: [] });
    expect(isFlatminError(error)).toBe(true);
    expect(isFlatminError({ [Symbol.for('@flatmin/core/FlatminError')]: true })).toBe(true);
    for (const other of [new Error('x'), null, undefined, 'text', {}]) expect(isFlatminError(other)).toBe(false);
    expect('cause' in new FlatminError('NON_FINITE', 'text')).toBe(false);
  });

  it('list every problem with path, value and remedy', () => {
    throwProblems([], 'nothing');
    const error = thrownBy(() =>
      throwProblems(
        [
          { path: 'a.b', value: 'x', message: 'is wrong', remedy: 'Do this.' },
          { path: '', value: undefined, message: 'is missing', remedy: 'Do that.' },
        ],
        'the spec',
      ),
    );
    expect(error.message).toBe(
      'the spec has 2 problems:\n  - a.b: is wrong (got "x"). Do this.\n  - (top): is missing. Do that.',
    );
    expect(error.problems).toHaveLength(2);
  });

  it('show values shortly', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect([show('a'), show(NaN), show(null), show(() => 1), show([1]), show(circular), show(Symbol('s'))]).toEqual([
      '"a"',
      'NaN',
      'null',
      'a function',
      '[1]',
      'a object',
      'symbol',
    ]);
    expect(show('x'.repeat(200)).length).toBe(202);
    expect(show(Array.from({ length: 100 }, () => 1)).length).toBe(80);
  });
});

describe('case 34: a message that quotes something of a megabyte', () => {
  const long = 2 ** 20;

  it.each([
    ['a key', 'k'.repeat(long)],
    ['a key of many words', 'k '.repeat(long / 2)],
  ])('tells %s by its start and its length', (_, key) => {
    const problem = { path: key, value: 1, message: 'is not known', remedy: 'Remove it.' };
    const thrown = (): never => throwProblems([problem], 'config.json') as never;
    expect(thrown).toThrow(/^config\.json has 1 problem:\n {2}- k.*\.\.\. \(1\d{6} characters\)/);
    expect(new FlatminError('PLUGIN_UNKNOWN', `no plugin has the id "${key}"`).message.length).toBeLessThan(11_000);
    expect(new FlatminError('DATA_INVALID', `${'folder/'.repeat(200)}: ${key}`).message).toContain('folder/: k');
  });

  it('and leaves others as they are', () => {
    const message = `${'a sentence of some length. '.repeat(200)}\n  - ${'x'.repeat(1500)}`;
    expect(new FlatminError('DATA_INVALID', message).message).toBe(message);
  });
});
