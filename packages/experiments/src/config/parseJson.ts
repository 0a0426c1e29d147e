import { FlatminError } from '@flatmin/core';
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/**
 * Parses JSON with comments and trailing commas, as editors know it (JSONC). A mistake in the syntax is reported with
 * line and column, as an editor counts them.
 */
export function parseJson(text: string, file: string): unknown {
  const mistakes: ParseError[] = [];
  const tree = parseTree(text, mistakes, { allowTrailingComma: true });
  const [first] = mistakes;
  if (first !== undefined) throw mistakeAt(text, file, first);
  return valueOf(tree as Node);
}

/** Names are own properties, whatever they are: the parser's own values would let `__proto__` set the prototype. */
function valueOf({ children = [], type, value }: Node): unknown {
  if (type === 'array') return children.map(valueOf);
  if (type !== 'object') return value;
  return Object.fromEntries(
    children.flatMap(({ children: [name, inner] = [] }) =>
      name && inner ? [[name.value as string, valueOf(inner)]] : [],
    ),
  );
}

/** What is missing, by the parser's name of the mistake. */
const expected: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a value, or a name in double quotes',
  InvalidNumberFormat: 'a number',
  PropertyNameExpected: 'a property name in double quotes',
  ValueExpected: 'a value',
  ColonExpected: ':',
  CommaExpected: ', or the end of what was opened',
  CloseBraceExpected: ', or }',
  CloseBracketExpected: ', or ]',
  EndOfFileExpected: 'the end of the file',
  InvalidCommentToken: 'no comment',
  UnexpectedEndOfComment: 'a comment that ends with */',
  UnexpectedEndOfString: 'a text that ends in its line',
  UnexpectedEndOfNumber: 'a number with a digit after the point',
  InvalidUnicode: 'a text in which four digits follow \\u',
  InvalidEscapeCharacter: 'a text with no other escapes than \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u',
  InvalidCharacter: 'a text without control characters',
};

function mistakeAt(text: string, file: string, { error, offset }: ParseError): FlatminError {
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  const line = text.split('\n')[before.length - 1] ?? '';
  const found = offset < text.length ? JSON.stringify(text[offset]) : 'the end of the file';
  return new FlatminError(
    'SPEC_INVALID',
    `${file}:${before.length}:${column}: expected ${expected[printParseErrorCode(error)] ?? 'valid JSON'}, found ${found}\n  ${line.slice(0, 160)}\n` +
      `  ${' '.repeat(column - 1)}^\nNames and texts need double quotes; comments and trailing commas are allowed.`,
  );
}
