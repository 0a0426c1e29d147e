import { type RecordSource, selectRecords } from './source.js';

/** Targets of examples: classes, or the numbers of a regression, in float64 until they are scaled. */
export type Labels = Int32Array | Float32Array | Float64Array;

/** Examples read by index, with their labels in memory (4 bytes per example). */
export interface LabelledSource<R, L extends Labels = Int32Array> extends RecordSource<R> {
  readonly labels: L;
}

/** Some examples of a source with their labels, as a source. */
export function selectExamples<S extends RecordSource<unknown> & { readonly labels?: Labels }>(
  source: S,
  rows: Uint32Array,
): S {
  const selected = { ...source, ...selectRecords(source, rows) };
  if (source.labels === undefined) return selected;
  const labels = source.labels.slice(0, rows.length);
  rows.forEach((row, i) => (labels[i] = source.labels?.[row] as number));
  return { ...selected, labels };
}
