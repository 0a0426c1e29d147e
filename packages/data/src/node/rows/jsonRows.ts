import { type ByteSource, invalidFile } from '../files/byteSource.js';
import { openLines, type TextLine } from './lines.js';
import type { OpenRowsOptions, Row, RowFile } from './rowFile.js';

/** JSON lines: an object a line; the first one's keys are the columns. */
export async function jsonRows(source: ByteSource, options: OpenRowsOptions): Promise<RowFile> {
  let columns: readonly string[] | undefined;
  const rowOf = (line: TextLine, names: readonly string[]): Row => {
    const value = objectOf(source.name, line);
    return { cells: names.map((name) => cellOf(value, name)), offset: line.offset };
  };
  const lines = await openLines(source, {
    memory: options.memory,
    keep: (line) => {
      if (line.text.trim() === '') return false;
      columns ??= Object.keys(objectOf(source.name, line));
      const row = rowOf(line, columns);
      return options.keep?.(row, columns) ?? true;
    },
  });
  const names = columns ?? [];
  return {
    name: source.name,
    columns: names,
    size: lines.size,
    read: async (indices) => (await lines.read(indices)).map((line) => rowOf(line, names)),
  };
}

function objectOf(name: string, { text, offset }: TextLine): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    invalidFile(
      name,
      offset,
      `the line is not JSON (${(error as Error).message})`,
      'Give one JSON object per line.',
      error,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    invalidFile(name, offset, 'the line is JSON, but not an object', 'Give one JSON object per line.');
  }
  return value as Readonly<Record<string, unknown>>;
}

function cellOf(value: Readonly<Record<string, unknown>>, name: string): string | null | undefined {
  const cell = Object.hasOwn(value, name) ? value[name] : undefined;
  if (cell === null || cell === undefined) return undefined;
  return typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : null;
}
