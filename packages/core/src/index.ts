export { ascend, type Climb, matchCleanNorm } from './ascend.js';
export { ascentOf, damped, derivativeOf, through } from './ascent.js';
export { BuiltInBase, isBuiltIn } from './base/builtIn.js';
export type { BaseOptimizer, SlotValues } from './base/contract.js';
export { ForeignBase } from './base/foreign.js';
export { builtInBases } from './base/plugins.js';
export { type Caution, scheduleCaution } from './cautions.js';
export { Composer } from './composer.js';
export type { OptimizerContext } from './composition.js';
export { type ContainerOptions, createContainer, FlatminContainer, useContainer } from './container.js';
export { type OptimizerSource, setFallbackContainer } from './containerInUse.js';
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
} from './dataset.js';
export {
  type ErrorCode,
  errorCodes,
  FlatminError,
  isFlatminError,
  type Problem,
  show,
  throwProblems,
} from './errors.js';
export type { ExtraPass } from './evaluation.js';
export { gateAround, type GatePolicy, type GateState, type Passage, requireGradient, settleInner } from './gate.js';
export {
  baseFactory,
  metaFactory,
  type OptionsOf,
  type SharedSettings,
  variantFactory,
  type VariantSettings,
} from './factories.js';
export type { Figure, LastStep, StepFigures } from './lastStep.js';
export { type BatchAccess, type LossFunction, type LossThroughOutputs, partSizes, requireAccess } from './loss.js';
export { type BatchPart, batchParts } from './parts.js';
export { declareMoments } from './combineStatistics.js';
export { closest, didYouMean } from './closest.js';
export { refuseOtherCopy } from './copy.js';
export { type Checked, validated } from './issues.js';
export { faulty } from './faults.js';
export { checkLoss } from './lossValue.js';
export { lossRandom } from './lossRandom.js';
export { type LossOfRows, lossOfBatch, lossOfOutputs } from './batchLosses.js';
export { uniformNumbers } from './nativeOps.js';
export { alongOutputs } from './outputGradient.js';
export type { ApplyOptions, Model, ModelContext } from './model.js';
export { type Attachment, SharpnessAwareOptimizer } from './optimizer.js';
export { describeOptions, type OptionDescription } from './options.js';
export {
  describeParameters,
  type ParameterInfo,
  type ParameterRole,
  parameterRoles,
  type ParameterRoles,
  roleOf,
} from './parameters.js';
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
} from './plugin.js';
export { ProblemList } from './problemList.js';
export { RandomStream } from './random.js';
export type { Recipe, Spec } from './recipe.js';
export { FirstOfItsKind, type StepPosition, type StepReplay, type StepResult } from './replay.js';
export { registerOptimizer } from './registerOptimizer.js';
export { Registry } from './registry.js';
export {
  needsTotalSteps,
  radius,
  radiusAt,
  radiusSchema,
  type RadiusSpec,
  rampSchemas,
  scheduleError,
  type ScheduleTime,
} from './schedule.js';
export { type Supplies, type Supply, supplied, type SupplyWatcher, watchSupplies } from './supplied.js';
export { sharing } from './sharing.js';
export { isTensor, mapTensors, type NamedTensor, type StateTree, tensorsOf } from './stateTree.js';
export {
  type CheckpointStorage,
  type Clock,
  type Logger,
  type RandomSource,
  type Services,
  type StoredFiles,
  systemClock,
  tokens,
} from './tokens.js';
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
} from './variant.js';
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
} from './weightVector.js';
export { plainStep, type Window, windowed } from './window.js';
