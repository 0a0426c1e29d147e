import { table, type Table } from '../index.js';

/** Row i has the feature i and the class i mod classes, so that every row can be told from its value. */
export function numberedTable(rows: number, classes = 2): Table {
  return table({
    features: Float32Array.from({ length: rows }, (_, i) => i),
    labels: Int32Array.from({ length: rows }, (_, i) => i % classes),
    inputShape: [1],
    classes,
  });
}
