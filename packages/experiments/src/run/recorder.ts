import { type FlatminError } from '@flatmin/core';
import type { Callbacks, EpochRecord, TrainResult } from '@flatmin/training';
import { type MetricsLine, type RunRecord, RunRecordBuilder } from './runRecord.js';

export interface Recorder {
  readonly callbacks: Callbacks;
  /** @param peakMemory in bytes, where it was measured. */
  finish(result: TrainResult, peakMemory?: number): RunRecord;
  /** The record of a run that ended because a number was no longer finite. */
  fail(error: FlatminError): RunRecord;
}

/**
 * Writes the events of a run as lines of metrics, and keeps what the report needs.
 *
 * @param past what the run had told before it was resumed.
 * @param epochs those before it was resumed: one whose line was damaged is told again.
 */
export function recorder(
  run: { readonly method: string; readonly seed: number },
  write: (line: MetricsLine) => void,
  past: RunRecordBuilder = new RunRecordBuilder(),
  epochs: readonly EpochRecord[] = [],
): Recorder {
  const { method, seed } = run;
  const add = (event: MetricsLine['event'], figures: object): MetricsLine => {
    const line: MetricsLine = { event, method, seed, ...figures };
    write(line);
    past.add(line);
    return line;
  };
  let stepsPerEpoch = 1;
  let reached = { steps: 0, gradientEvaluations: 0, seconds: 0 };
  return {
    callbacks: {
      onStart(event) {
        stepsPerEpoch = event.stepsPerEpoch;
        for (const record of epochs.filter(({ epoch }) => !past.tells(epoch))) add('epoch', record);
      },
      onLog({ step, epoch, loss, radius, learningRate, gradientEvaluations, secondsElapsed, lastStep }) {
        const figures = { step, epoch, loss, radius, learningRate, gradientEvaluations, seconds: secondsElapsed };
        add('step', { ...figures, lastStep });
        reached = { steps: step, gradientEvaluations, seconds: secondsElapsed };
      },
      onEvaluation(evaluation) {
        // Those at the end of an epoch stand in its own line.
        if (evaluation.step % stepsPerEpoch !== 0) add('evaluation', evaluation);
      },
      onProbe({ values, ...at }) {
        add('probe', { ...at, values });
      },
      onEpoch(record) {
        add('epoch', record);
      },
    },
    finish({ history: _, best, ...result }, peakMemory) {
      const measured = peakMemory === undefined ? {} : { peakMemory };
      return past.finish(add('end', { ...result, ...(best && { best }), ...measured }));
    },
    fail({ message }) {
      return past.finish(add('failure', { ...reached, stopped: false, failure: message }));
    },
  };
}
