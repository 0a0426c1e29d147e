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
} from './callbacks.js';
export {
  assignVariables,
  disposeCheckpoint,
  restoreCheckpoint,
  type Checkpoint,
  type CheckpointStore,
} from './checkpoint.js';
export { decodeCheckpoint, encodeCheckpoint } from './checkpointFormat.js';
export { crossEntropyPerExample, encodeLabels } from './crossEntropy.js';
export { type BestState, earlyStoppingSchema, type EarlyStoppingOptions } from './earlyStopping.js';
export { evaluate, type JudgeOptions } from './evaluate.js';
export { judgePart, type ProgressOf } from './judge.js';
export {
  learningRateSchedule,
  learningRateSchema,
  type LearningRateSchedule,
  type LearningRateSpec,
  type RunLength,
} from './learningRate.js';
export { type LossState, type LossSum } from './losses.js';
export { type EvaluateOptions, type TrainOptions, type TrainResult } from './options.js';
export { type LoopOptimizer, type NamedTensor } from './optimizer.js';
export {
  problemsOfRun,
  problemsOfSettings,
  type RunSubject,
  type TrainSettings,
  trainSettingsSchema,
} from './settings.js';
export { type RunIdentity, type RunState } from './runState.js';
export { type Bleu, type BleuOptions, corpusBleu } from './metrics/bleu.js';
export { type AnyModel, type LossSettings, type Metrics, methodsOf, type TaskMethods } from './tasks/methods.js';
export { storedCheckpoints, type StoredCheckpoints, type StoredCheckpointsOptions } from './storedCheckpoints.js';
export { rehearse, train } from './train.js';
