import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { textOfLine } from '../run/metricsFile.js';
import type { MetricsLine } from '../run/runRecord.js';

/** A config as flatmin train writes it. */
export const config = {
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [4] },
  optimizer: { use: 'sam', rho: 0.05, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } },
  epochs: 2,
  batchSize: 64,
  seeds: [0],
};
export const method = 'sam(momentum)';

/** The lines of a seed of two epochs of ten steps that ends with a test accuracy, logged at each step. */
export function linesOf(seed: number, accuracy: number, of: string = method): MetricsLine[] {
  const line = (event: MetricsLine['event'], figures: object): MetricsLine => ({ event, method: of, seed, ...figures });
  const steps = (from: number): MetricsLine[] =>
    Array.from({ length: 10 }, (_, i) => {
      const step = from + i + 1;
      return line('step', { step, radius: 0.05, gradientEvaluations: 2 * step, seconds: step / 10, lastStep: {} });
    });
  const epoch = (number: number, test: number): MetricsLine =>
    line('epoch', {
      ...{ epoch: number, step: 10 * number, learningRate: 0.1, loss: 1, radius: 0.05 },
      ...{ gradientEvaluations: 20 * number, train: { loss: 1 }, test: { loss: 2 - test, accuracy: test } },
    });
  return [
    line('start', { step: 0, settings: { epochs: 2 } }),
    ...[...steps(0), epoch(1, accuracy / 2), ...steps(10), epoch(2, accuracy)],
    line('end', { steps: 20, gradientEvaluations: 40, seconds: 2, stopped: false, stoppedEarly: false }),
  ];
}

/** Writes a run folder. */
export function runFolder(folder: string, settings: object, lines: readonly MetricsLine[]): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(settings));
  writeFileSync(path.join(folder, 'metrics.jsonl'), lines.map(textOfLine).join(''));
  return folder;
}
