import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseJson } from './parseJson.js';

describe('parseJson', () => {
  it.each([
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, ', or the end of what was opened, found "\\""'],
    ['{ "a": [1, 2 }', 1, 14, ', or the end of what was opened, found "}"'],
    ['{ "a": 1,, }', 1, 10, 'a property name in double quotes, found ","'],
    ['[,]', 1, 2, 'a value, found ","'],
    ['{ "a" 1 }', 1, 7, ':, found "1"'],
    ["{ 'a': 1 }", 1, 3, 'a value, or a name in double quotes, found "\'"'],
    ['{ a: 1 }', 1, 3, 'a value, or a name in double quotes, found "a"'],
    ['// one line\n{ "a": 1', 2, 9, ', or }, found the end of the file'],
    ['[1', 1, 3, ', or ], found the end of the file'],
    ['', 1, 1, 'a value, found the end of the file'],
    ['// nothing else', 1, 16, 'a value, found the end of the file'],
    ['{} {}', 1, 4, 'the end of the file, found "{"'],
    ['{ "a": tru }', 1, 8, 'a value, or a name in double quotes, found "t"'],
    ['{ "a": "b\n" }', 1, 8, 'a text that ends in its line, found "\\""'],
    ['{ "a": "\\x" }', 1, 8, 'a text with no other escapes than \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u, found "\\""'],
    ['{ "a": "\\u12" }', 1, 8, 'a text in which four digits follow \\u, found "\\""'],
    ['{ "a": "\t" }', 1, 8, 'a text without control characters, found "\\""'],
    ['{ "a": 1. }', 1, 8, 'a number with a digit after the point, found "1"'],
    ['{} /* x', 1, 4, 'a comment that ends with */, found "/"'],
  ])('%j: says where and what', (text, line, column, what) => {
    expect(() => parseJson(text, 'c.json')).toThrow(`c.json:${line}:${column}: expected ${what}`);
  });

  it('shows the line with a mark under the place', () => {
    expect(() => parseJson('{\n  "a": x\n}', 'c.json')).toThrow('\n    "a": x\n         ^\n');
  });

  it('gives the value of what is JSON', () => {
    expect(parseJson('{ "a": [1, -2.5e3, "\\u00e9", null] }', 'c.json')).toEqual({ a: [1, -2500, 'é', null] });
  });

  it('takes comments, and a comma after the last entry', () => {
    const text = '// what is compared\n{ "a": [1, 2,], /* the radius */ "b": "// none", }\n';
    expect(parseJson(text, 'c.json')).toEqual({ a: [1, 2], b: '// none' });
  });

  it('takes every name as a name, also one that objects have', () => {
    const value = parseJson('{ "__proto__": { "a": 1 }, "constructor": 2 }', 'c.json') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.entries(value)).toEqual([
      ['__proto__', { a: 1 }],
      ['constructor', 2],
    ]);
  });

  it('agrees with JSON.parse on what is JSON, and refuses the rest but for comments and trailing commas', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, at) => {
        expect(JSON.stringify(parseJson(text, 'c.json'))).toBe(JSON.stringify(JSON.parse(text)));
        const position = at % (text.length + 1);
        const damaged = text.slice(0, position) + text.slice(position + 1);
        const [before, now] = [
          JSON.parse as (text: string) => unknown,
          (each: string) => parseJson(each, 'c.json'),
        ].map((parse) => {
          try {
            return { text: JSON.stringify(parse(damaged)) };
          } catch {
            return undefined;
          }
        });
        if (before !== undefined || !/,\s*[\]}]|\/[/*]/.test(damaged)) expect(now).toEqual(before);
      }),
    );
  });
});
