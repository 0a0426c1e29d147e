import { type RecordSource, table, type Table } from '../index.js';

/** Row i has the feature i and the class i mod classes, so that every row can be told from its value. */
export function numberedTable(rows: number, classes = 2): Table {
  return table({
    features: Float32Array.from({ length: rows }, (_, i) => i),
    labels: Int32Array.from({ length: rows }, (_, i) => i % classes),
    inputShape: [1],
    classes,
  });
}

/** The numbers of the rows of such a table, or of a part of one, in its order. */
export async function numbersOf(source: RecordSource<Float32Array>): Promise<number[]> {
  const rows = await source.read(Array.from({ length: source.size }, (_, i) => i));
  return rows.map(([number]) => number as number);
}
