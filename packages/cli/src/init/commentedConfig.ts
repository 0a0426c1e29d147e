import { terminalText } from '@flatmin/experiments/terminal';
import { wrapped } from '@flatmin/experiments/internal';
import { configText } from '../plugins/exampleConfig.js';

const width = 100;

/** A config as JSON with a comment before each field that has one, by its name. */
export function commentedConfig(
  config: Readonly<Record<string, unknown>>,
  comments: Readonly<Record<string, string>>,
  head: string,
): string {
  const [open = '', ...lines] = configText(config, width).split('\n');
  const commented = lines.flatMap((line) => {
    const name = /^ {2}"(\w+)": /.exec(line)?.[1];
    const comment = name === undefined ? undefined : comments[name];
    return comment === undefined ? [line] : [...commentLines(comment, '  '), line];
  });
  return [...commentLines(head, ''), open, ...commented, ''].join('\n');
}

/** Texts come from data and from third-party plugins: no character of them may end the comment. */
function commentLines(text: string, indent: string): readonly string[] {
  const line = terminalText(text).replace(/\s+/g, ' ').trim();
  return wrapped(line, width - indent.length - 3)
    .split('\n')
    .map((each) => `${indent}// ${each}`);
}
