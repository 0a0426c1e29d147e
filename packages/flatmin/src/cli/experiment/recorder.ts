import type { Callbacks, TrainResult } from '@flatmin/training';
import { type MetricsLine, type RunRecord, RunRecordBuilder } from './runRecord.js';

export interface Recorder {
  readonly callbacks: Callbacks;
  finish(result: TrainResult): RunRecord;
}

/**
 * Writes the events of a run as lines of metrics, and keeps what the report needs.
 *
 * @param past the lines that the run wrote before it was resumed.
 */
export function recorder(
  run: { readonly method: string; readonly seed: number },
  write: (line: MetricsLine) => void,
  past: readonly MetricsLine[] = [],
): Recorder {
  const { method, seed } = run;
  const builder = new RunRecordBuilder();
  past.forEach((line) => builder.add(line));
  const add = (event: MetricsLine['event'], figures: object): MetricsLine => {
    const line: MetricsLine = { event, method, seed, ...figures };
    write(line);
    builder.add(line);
    return line;
  };
  let stepsPerEpoch = 1;
  return {
    callbacks: {
      onStart(event) {
        stepsPerEpoch = event.stepsPerEpoch;
      },
      onLog({ step, epoch, loss, radius, learningRate, gradientEvaluations, secondsElapsed, lastStep }) {
        const figures = { step, epoch, loss, radius, learningRate, gradientEvaluations, seconds: secondsElapsed };
        add('step', { ...figures, lastStep });
      },
      onEvaluation(evaluation) {
        // Those at the end of an epoch stand in its own line.
        if (evaluation.step % stepsPerEpoch !== 0) add('evaluation', evaluation);
      },
      onEpoch(record) {
        add('epoch', record);
      },
    },
    finish({ history: _, best, ...result }) {
      return builder.finish(add('end', { ...result, ...(best && { best }) }));
    },
  };
}
