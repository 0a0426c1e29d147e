import type { Spec } from '@flatmin/core';
import type { RunConfig } from '../config/runConfig.js';
import type { LearningRateSpec, TrainSettings } from '@flatmin/training';

/** One run: plain data, so that it can be written to a file and sent to another process. */
export interface Experiment extends Omit<TrainSettings, 'learningRate'> {
  /** Names the method in tables and plots. */
  readonly method: string;
  readonly seed: number;
  readonly dataset: Spec;
  readonly model: Spec;
  readonly optimizer: Spec;
  readonly validationBatchSize: number;
  readonly learningRate?: LearningRateSpec | undefined;
  readonly logEvery: number;
  readonly probe?: RunConfig['probe'];
}
