export {
  type BatchEvent,
  type Callbacks,
  type EpochRecord,
  type EvaluationEvent,
  type LogEvent,
  type PartName,
  type Phase,
  type PhaseEvent,
  type StepEvent,
  type StepMetrics,
} from './loop/callbacks.js';
export {
  assignVariables,
  disposeCheckpoint,
  restoreCheckpoint,
  type Checkpoint,
  type CheckpointStore,
} from './checkpoint/checkpoint.js';
export { decodeCheckpoint, encodeCheckpoint } from './checkpoint/checkpointFormat.js';
export { crossEntropyPerExample, encodeLabels } from './tasks/crossEntropy.js';
export { type BestState, earlyStoppingSchema, type EarlyStoppingOptions } from './loop/earlyStopping.js';
export { evaluate, type JudgeOptions } from './metrics/evaluate.js';
export { judgePart, type ProgressOf } from './loop/judge.js';
export {
  learningRateSchedule,
  learningRateSchema,
  type LearningRateSchedule,
  type LearningRateSpec,
  type RunLength,
} from './settings/learningRate.js';
export { type LossState, type LossSum } from './loop/losses.js';
export { type EvaluateOptions, type TrainOptions, type TrainResult } from './loop/options.js';
export { type LoopOptimizer, type NamedTensor } from './loop/optimizer.js';
export {
  problemsOfRun,
  problemsOfSettings,
  type RunSubject,
  type TrainSettings,
  trainSettingsSchema,
} from './settings/trainSettings.js';
export { type RunIdentity, type RunState } from './checkpoint/runState.js';
export { type Bleu, type BleuOptions, corpusBleu } from './metrics/bleu.js';
export { type AnyModel, type LossSettings, type Metrics, methodsOf, type TaskMethods } from './tasks/methods.js';
export { storedCheckpoints, type StoredCheckpoints, type StoredCheckpointsOptions } from './checkpoint/storedCheckpoints.js';
export { rehearse, train } from './loop/train.js';
