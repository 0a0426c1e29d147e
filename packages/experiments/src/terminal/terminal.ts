/* eslint-disable no-control-regex -- They are what is looked for. */

import process from 'node:process';

/** Commands to a terminal: a title or another text between a start and an end, or a letter with numbers before it. */
const commands = /\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g;

/** Control characters but tab and line feed, and what turns the order of a line about or is not seen. */
const unprintable =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Text as it may go to a terminal. What comes from files (names of classes, keys, paths) could otherwise move the
 * cursor, hide lines or show another order than there is; everything that the command prints passes here.
 */
export function terminalText(text: string): string {
  return text.replace(commands, '').replace(unprintable, '');
}

/** Columns of the terminal of standard output; 80 where it is none. */
export const terminalColumns = (): number => process.stdout.columns ?? 80;

/** Text from {@link terminalText} and the styles of `styles.ts`, on standard output. */
export function printStyled(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A line of results, on standard output. */
export function print(line: string): void {
  process.stdout.write(`${terminalText(line)}\n`);
}

/**
 * A value as JSON on standard output, for programs: it is the same value, with what may not reach a terminal written as
 * \u and a number.
 */
export function printJson(value: unknown): void {
  const code = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  process.stdout.write(`${JSON.stringify(value, null, 2).replace(unprintable, code)}\n`);
}

/** A line that is not a result, on standard error. */
export function warn(line: string): void {
  process.stderr.write(`${terminalText(line)}\n`);
}

/** The same of text from {@link terminalText} and the styles of `styles.ts`. */
export function warnStyled(text: string): void {
  process.stderr.write(`${text}\n`);
}
