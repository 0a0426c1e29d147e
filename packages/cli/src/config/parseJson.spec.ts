import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { findMistake, parseJson } from './parseJson.js';

describe('parseJson', () => {
  it.each([
    ['{ "a": 1, }', 1, 11, 'a property name in double quotes, found "}"'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, ', or }, found "\\""'],
    ['{ "a": [1, 2 }', 1, 14, ', or ], found "}"'],
    ['[1,]', 1, 4, 'a value, found "]"'],
    ['{ "a" 1 }', 1, 7, ':, found "1"'],
    ["{ 'a': 1 }", 1, 3, 'a property name in double quotes, found "\'"'],
    ['// no comments\n{}', 1, 1, 'a value, found "/"'],
    ['{ "a": 1', 1, 9, ', or }, found the end of the file'],
    ['', 1, 1, 'a value, found the end of the file'],
    ['{} {}', 1, 4, 'the end of the file, found "{"'],
    ['{ "a": tru }', 1, 8, 'a value, found "t"'],
    ['{ "a": "b\n" }', 1, 8, 'a value, found "\\""'],
  ])('%j: says where and what', (text, line, column, what) => {
    expect(() => parseJson(text, 'c.json')).toThrow(`c.json:${line}:${column}: expected ${what}`);
  });

  it('shows the line with a mark under the place', () => {
    expect(() => parseJson('{\n  "a": x\n}', 'c.json')).toThrow('\n    "a": x\n         ^\n');
  });

  it('gives the value of what is JSON', () => {
    expect(parseJson('{ "a": [1, -2.5e3, "\\u00e9", null] }', 'c.json')).toEqual({ a: [1, -2500, 'é', null] });
  });

  it('agrees with JSON.parse on what is JSON, also after a character is lost', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, at) => {
        expect(findMistake(text)).toBeUndefined();
        const position = at % (text.length + 1);
        const damaged = text.slice(0, position) + text.slice(position + 1);
        let valid = true;
        try {
          JSON.parse(damaged);
        } catch {
          valid = false;
        }
        expect(findMistake(damaged) === undefined).toBe(valid);
      }),
    );
  });
});
