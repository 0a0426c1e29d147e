export { ascend, type Climb, matchCleanNorm } from './variant/ascend.js';
export { ascentOf, damped, derivativeOf, through } from './variant/ascent.js';
export { BuiltInBase, isBuiltIn } from './base/builtIn.js';
export type { BaseOptimizer, SlotValues } from './base/contract.js';
export { ForeignBase } from './base/foreign.js';
export { builtInBases } from './compose/builtInBases.js';
export { type Caution, scheduleCaution } from './compose/cautions.js';
export { Composer } from './compose/composer.js';
export type { OptimizerContext } from './compose/composition.js';
export { type ContainerOptions, createContainer, FlatminContainer, useContainer } from './compose/container.js';
export { type OptimizerSource, setFallbackContainer } from './optimizer/currentContainer.js';
export {
  type Batch,
  type BatchOptions,
  type ClassificationDataSet,
  type DataPart,
  type DataParts,
  type DataSet,
  inUnitOfData,
  type LanguageDataSet,
  type RegressionDataSet,
  type Scores,
  type SequencePairDataSet,
  specialTokens,
  type TargetScale,
  type Task,
  taskOf,
  tasks,
  type UnlabelledExamples,
  type Vocabulary,
} from './contracts/dataset.js';
export {
  type ErrorCode,
  errorCodes,
  FlatminError,
  isFlatminError,
  type Problem,
  show,
  throwProblems,
} from './errors/errors.js';
export type { ExtraPass } from './step/evaluator.js';
export { gateAround, type GatePolicy, type GateState, type Passage, requireGradient, settleInner } from './variant/gate.js';
export {
  baseFactory,
  metaFactory,
  type OptionsOf,
  type SharedSettings,
  variantFactory,
  type VariantSettings,
} from './compose/factories.js';
export type { Figure, LastStep, StepFigures } from './step/stepMetrics.js';
export { type BatchAccess, type LossFunction, type LossThroughOutputs, partSizes, requireAccess } from './loss/loss.js';
export { type BatchPart, batchParts } from './loss/parts.js';
export { declareMoments } from './loss/combineStatistics.js';
export { closest, didYouMean } from './errors/closest.js';
export { refuseOtherCopy } from './errors/duplicateCore.js';
export { type Checked, validated } from './errors/issues.js';
export { faulty } from './errors/faults.js';
export { checkLoss } from './loss/lossValue.js';
export { lossRandom } from './loss/lossRandom.js';
export { type LossOfRows, lossOfBatch, lossOfOutputs } from './loss/batchLosses.js';
export { uniformNumbers } from './tensors/nativeOps.js';
export { alongOutputs } from './loss/outputGradient.js';
export type { ApplyOptions, Model, ModelContext } from './contracts/model.js';
export { type Attachment, SharpnessAwareOptimizer } from './optimizer/optimizer.js';
export { describeOptions, type OptionDescription } from './plugin/options.js';
export {
  describeParameters,
  type ParameterInfo,
  type ParameterRole,
  parameterRoles,
  type ParameterRoles,
  roleOf,
} from './variant/parameters.js';
export {
  apiVersion,
  checkPlugin,
  definePlugin,
  type MetaContext,
  type Plugin,
  type PluginDefinition,
  type PluginFacts,
  type PluginKind,
  type PluginKinds,
  pluginKinds,
} from './plugin/plugin.js';
export { ProblemList } from './errors/problemList.js';
export { RandomStream } from './tensors/random.js';
export type { Recipe, Spec } from './step/setup.js';
export { FirstOfItsKind, type StepPosition, type StepReplay, type StepResult } from './step/replay.js';
export { registerOptimizer } from './optimizer/registerOptimizer.js';
export { Registry } from './plugin/registry.js';
export {
  needsTotalSteps,
  radius,
  radiusAt,
  radiusSchema,
  type RadiusSpec,
  rampSchemas,
  scheduleError,
  type ScheduleTime,
} from './variant/schedule.js';
export { type Supplies, type Supply, supplied, type SupplyWatcher, watchSupplies } from './tensors/stepInput.js';
export { sharing } from './tensors/alias.js';
export { isTensor, mapTensors, type NamedTensor, type StateTree, tensorsOf } from './tensors/stateTree.js';
export {
  type CheckpointStorage,
  type Clock,
  type Logger,
  type RandomSource,
  type Services,
  type StoredFiles,
  systemClock,
  tokens,
} from './contracts/services.js';
export type {
  Ascent,
  AscentPoint,
  Evaluate,
  Evaluation,
  EvaluationPoint,
  PointDerivative,
  Report,
  Settlement,
  SharpnessVariant,
  Step,
  StepOutcome,
  StepOutlook,
  WeightVector,
} from './variant/variant.js';
export {
  add,
  axpy,
  dot,
  mean,
  mul,
  norm,
  normalize,
  normEpsilon,
  normRatio,
  ofLength,
  projectOut,
  projectOutDerivative,
  scale,
  squaredNorm,
  sub,
  weightedSum,
  zerosLike,
} from './tensors/weightVector.js';
export { plainStep, type Window, windowed } from './variant/window.js';
