import type { Callbacks, TrainResult } from '@flatmin/training';
import type { MetricsLine, RadiusPoint, RunRecord } from './runRecord.js';

export interface Recorder {
  readonly callbacks: Callbacks;
  finish(result: TrainResult): RunRecord;
}

/** Writes the events of a run as lines of metrics, and keeps what the report needs. */
export function recorder(
  run: { readonly method: string; readonly seed: number },
  write: (line: MetricsLine) => void,
): Recorder {
  const { method, seed } = run;
  const radii: RadiusPoint[] = [];
  let learnsRadius = false;
  return {
    callbacks: {
      onLog({ step, epoch, loss, radius, learningRate, gradientEvaluations, secondsElapsed, lastStep }) {
        if (radius !== null) radii.push({ step, radius });
        learnsRadius ||= typeof lastStep['radiusAfter'] === 'number';
        const figures = { step, epoch, loss, radius, learningRate, gradientEvaluations, seconds: secondsElapsed };
        write({ event: 'step', method, seed, ...figures, lastStep });
      },
      onEpoch(record) {
        write({ event: 'epoch', method, seed, ...record });
      },
    },
    finish({ history, steps, gradientEvaluations, seconds, stopped }) {
      write({ event: 'end', method, seed, steps, gradientEvaluations, seconds, stopped });
      return { method, seed, history, radii, learnsRadius, steps, gradientEvaluations, seconds, stopped };
    },
  };
}
