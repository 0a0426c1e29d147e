import process from 'node:process';
import { styleText } from 'node:util';
import { printStyled, terminalText } from './terminal.js';

// Where a terminal has colors: Node looks at the stream, NO_COLOR, NODE_DISABLE_COLORS and FORCE_COLOR. What is styled
// is text for a terminal first, so that the only escapes are ours.

/** A title within results, on standard output. */
export const heading = (text: string): string => styleText('bold', terminalText(text), { stream: process.stdout });

/** What stands beside results, as the rule of a table. */
export const subdued = (text: string): string => styleText('dim', terminalText(text), { stream: process.stdout });

/** The word by which a failure begins, on standard error. */
export const failure = (text: string): string => styleText('red', terminalText(text), { stream: process.stderr });

/** Tables as text, on standard output: the rule of each, a line of dashes, and the head before it are set off. */
export const printTable = (text: string): void => printStyled(styledTable(text));

function styledTable(text: string): string {
  const lines = text.split('\n');
  return lines
    .map((line, i) => {
      if (isRule(line)) return subdued(line);
      return isRule(lines[i + 1]) ? heading(line) : terminalText(line);
    })
    .join('\n');
}

const isRule = (line: string | undefined): boolean => line !== undefined && /^(?=.*---)-+(?: +-+)*$/.test(line);
