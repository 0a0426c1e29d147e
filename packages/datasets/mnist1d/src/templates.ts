import { mean, standardDeviation } from './signal.js';

/** The shapes of the ten digits, drawn by hand by the authors. */
const drawn: readonly (readonly number[])[] = [
  [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
  [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
  [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
  [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
  [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
  [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
  [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
  [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
  [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
  [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
];

/** The template of each class, 12 values: standardized, then moved to start at 0, then divided by 6. */
export function templates(): readonly Float64Array[] {
  return drawn.map((shape) => {
    const values = Float64Array.from(shape);
    const center = mean(values);
    const spread = standardDeviation(values);
    const standardized = values.map((value) => (value - center) / spread);
    const start = standardized[0] as number;
    return standardized.map((value) => (value - start) / 6);
  });
}
