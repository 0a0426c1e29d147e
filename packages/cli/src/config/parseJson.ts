import { FlatminError } from '@flatmin/core';

/** Parses JSON; a mistake in the syntax is reported with line and column, as an editor counts them. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    // Engines say where in their own ways, some not at all, so the place is found here.
    const { position, expected } = findMistake(text) ?? { position: text.length, expected: 'valid JSON' };
    const before = text.slice(0, position).split('\n');
    const column = (before.at(-1) ?? '').length + 1;
    const line = text.split('\n')[before.length - 1] ?? '';
    const found = position < text.length ? JSON.stringify(text[position]) : 'the end of the file';
    throw new FlatminError(
      'SPEC_INVALID',
      `${file}:${before.length}:${column}: expected ${expected}, found ${found}\n  ${line.slice(0, 160)}\n` +
        `  ${' '.repeat(column - 1)}^\nJSON has double quotes only, no comments, and no comma after the last entry.`,
      { cause },
    );
  }
}

interface Mistake {
  readonly position: number;
  readonly expected: string;
}

/** The first place where `text` stops being JSON (RFC 8259), or undefined when it is JSON. */
export function findMistake(text: string): Mistake | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    scanner.end();
    return undefined;
  } catch (mistake) {
    return mistake as Mistake;
  }
}

const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const space = /[ \t\n\r]*/y;

class Scanner {
  #position = 0;

  constructor(readonly text: string) {}

  value(): void {
    if (this.#take('{')) this.#list('}', 'a property name in double quotes', () => this.#property());
    else if (this.#take('[')) this.#list(']', 'a value', () => this.value());
    else if (!this.#match(string) && !this.#match(scalar)) this.#expect('a value');
  }

  end(): void {
    this.#match(space);
    if (this.#position < this.text.length) this.#expect('the end of the file');
  }

  #list(close: string, entry: string, read: () => void): void {
    if (this.#take(close)) return;
    do {
      if (this.#peek() === close) this.#expect(entry);
      read();
    } while (this.#take(','));
    if (!this.#take(close)) this.#expect(`, or ${close}`);
  }

  #property(): void {
    this.#match(space);
    if (!this.#match(string)) this.#expect('a property name in double quotes');
    if (!this.#take(':')) this.#expect(':');
    this.value();
  }

  #peek(): string | undefined {
    this.#match(space);
    return this.text[this.#position];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#position += 1;
    return true;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.text);
    if (found === null) return false;
    this.#position += found[0].length;
    return true;
  }

  #expect(expected: string): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- a jump out of the recursion, caught in findMistake
    throw { position: this.#position, expected } satisfies Mistake;
  }
}
