/* eslint-disable no-control-regex -- They are what is looked for. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { print, printJson, terminalText, warn } from './terminal.js';

let [out, err] = ['', ''];
beforeEach(() => {
  [out, err] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text)) !== '');
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (err += String(text)) !== '');
});
afterEach(() => void jest.restoreAllMocks());

describe('case 34: what reaches a terminal', () => {
  it.each([
    ['a color', '\u001b[31mred\u001b[0m', 'red'],
    ['a title, which a terminal may be made to type', '\u001b]0;rm -rf\u0007name', 'name'],
    ['a bare escape', 'a\u001bb', 'ab'],
    ['the one-character form of its introducer', 'a\u009b2Jb', 'ab'],
    ['a start without an end', 'a\u001b]0;b', 'a]0;b'],
    ['a return over the line before', 'loss 9\rloss 0', 'loss 9loss 0'],
    ['backspaces', 'no\b\byes', 'noyes'],
    ['another direction', 'a\u202etxt.exe\u2066b', 'atxt.exeb'],
    ['letters, tabs and lines', 'größe\t日本\n±', 'größe\t日本\n±'],
  ])('holds %s no more', (_, text, expected) => {
    expect(terminalText(text)).not.toMatch(/[\u001b\u009b\r\b\u202e]/);
    expect(terminalText(text)).toBe(expected);
    print(text);
    warn(text);
    expect([out, err]).toEqual([`${terminalText(text)}\n`, `${terminalText(text)}\n`]);
  });

  it('is the same value where it is JSON', () => {
    const value = { 'class\u009b31m': ['a\u001b[2J', '\u202eb', 'é'] };
    printJson(value);
    expect(JSON.parse(out)).toEqual(value);
    expect(out).not.toMatch(/[\u001b\u009b\u202e]/);
  });
});
