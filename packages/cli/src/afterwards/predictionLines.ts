import type { Prediction } from './predictions.js';

export const predictionFormats = ['csv', 'jsonl'] as const;
export type PredictionFormat = (typeof predictionFormats)[number];

/** As many digits as tell float32 numbers apart. */
const shown = (value: number): number => Number(value.toPrecision(9));

/** A cell of CSV (RFC 4180). */
const cell = (value: string | number): string =>
  typeof value === 'string' && /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : `${value}`;

/**
 * Predictions as lines of text: CSV with a column for the probability of each class, or JSON lines.
 *
 * @param classNames of a classification.
 */
export async function* predictionLines(
  predictions: AsyncIterable<Prediction>,
  format: PredictionFormat,
  classNames: readonly string[] | undefined,
): AsyncGenerator<string> {
  if (format === 'csv') {
    const names = classNames?.map((name) => `p(${name})`) ?? [];
    yield `${['example', 'prediction', ...names].map(cell).join(',')}\n`;
  }
  for await (const { example, prediction, probabilities } of predictions) {
    const said = typeof prediction === 'number' ? shown(prediction) : prediction;
    const shares = probabilities?.map(shown);
    if (format === 'csv') yield `${[example, said, ...(shares ?? [])].map(cell).join(',')}\n`;
    else {
      const named = shares && Object.fromEntries(shares.map((share, i) => [classNames?.[i] ?? `${i}`, share]));
      yield `${JSON.stringify({ example, prediction: said, ...(named && { probabilities: named }) })}\n`;
    }
  }
}
