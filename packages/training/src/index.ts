// How a run goes.
export { type PlateauOptions, plateauSchema } from './settings/plateau.js';
export { type EarlyStoppingOptions, earlyStoppingSchema, modeOf } from './settings/earlyStopping.js';
export type { EvaluateOptions } from './settings/evaluation.js';
export {
  learningRateSchedule,
  learningRateSchema,
  type LearningRateSchedule,
  type LearningRateSpec,
  type RunLength,
} from './settings/learningRate.js';
export { type MixOptions, mixSchema } from './settings/mix.js';
export { problemsOfRun, type RunSubject } from './settings/problemsOfRun.js';
export { problemsOfSettings, type TrainSettings, trainSettingsSchema } from './settings/trainSettings.js';

// Loss and metrics of a task.
export { crossEntropyPerExample, encodeLabels } from './tasks/crossEntropy.js';
export { methodsOf } from './tasks/methods.js';
export type { AnyModel, LossSettings, Metrics, TaskMethods } from './tasks/task.js';

// How good a model is.
export { type Bleu, type BleuOptions, corpusBleu } from './metrics/bleu.js';
export { evaluate, type JudgeOptions } from './metrics/evaluate.js';
export { type JudgedRun, judgePart, type ProgressOf } from './metrics/judgePart.js';

// How a run stands, and where it is kept.
export {
  assignVariables,
  disposeCheckpoint,
  evaluatedModel,
  restoreCheckpoint,
  type Checkpoint,
  type CheckpointStore,
  type NamedTensor,
  type SavedOptimizer,
} from './checkpoint/checkpoint.js';
export { decodeCheckpoint, encodeCheckpoint } from './checkpoint/checkpointFormat.js';
export type { BestState, EpochRecord, LossState, LossSum, RunIdentity, RunState } from './checkpoint/runState.js';
export {
  storedCheckpoints,
  type StoredCheckpoints,
  type StoredCheckpointsOptions,
} from './checkpoint/storedCheckpoints.js';

// The loop.
export type { PartName } from '@flatmin/data';
export type {
  BatchEvent,
  Callbacks,
  EvaluationEvent,
  LogEvent,
  Phase,
  PhaseEvent,
  ProbeEvent,
  StepEvent,
  EndEvent,
} from './loop/callbacks.js';
export type { LoopOptimizer } from './loop/optimizer.js';
export type { Probe, TrainOptions, TrainResult } from './loop/options.js';
export { rehearse, train } from './loop/train.js';
