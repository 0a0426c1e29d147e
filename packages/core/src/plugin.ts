/** For authors of plugins: the contracts, what algorithms are made of, and factories. */

export type { BaseOptimizer, EndedStep, SlotValues } from './base/contract.js';
export {
  baseFactory,
  metaFactory,
  type MetaFactory,
  type OptionsOf,
  type OptionsOfSchema,
  type VariantFactory,
  variantFactory,
} from './compose/factories.js';
export {
  type Batch,
  type BatchOptions,
  type ClassificationDataSet,
  type DataPart,
  type DataParts,
  type DataSet,
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
export type { ApplyOptions, Model, ModelContext } from './contracts/model.js';
export { show, throwProblems } from './errors/errors.js';
export {
  type BatchTensors,
  type LossFunction,
  type LossThroughBatch,
  type LossThroughOutputs,
  partSizes,
  requireAccess,
} from './loss/loss.js';
export { alongOutputs } from './loss/outputGradient.js';
export { describeOptions, type OptionDescription } from './plugin/options.js';
export {
  apiVersion,
  checkPlugin,
  definePlugin,
  type MetaContext,
  type Plugin,
  type PluginDefinition,
  type PluginExample,
  type PluginFacts,
  type PluginKind,
  pluginKinds,
  type PluginKinds,
} from './plugin/plugin.js';
export { mapTensors, type NamedTensor, type StateTree } from './tensors/stateTree.js';
export { sumOf } from './tensors/tensors.js';
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
  type WeightVector,
  zerosLike,
} from './tensors/weightVector.js';
export { ascend, type Climb, matchCleanNorm, ascentOf, damped, derivativeOf, through } from './variant/ascent.js';
export {
  afterInnerUpdate,
  gateAround,
  type GatePolicy,
  type GateState,
  type Passage,
  requireGradient,
} from './variant/gate.js';
export { scaleEach, withOffsets } from './variant/offsetScales.js';
export type { ParameterGroup } from './variant/parameterGroups.js';
export {
  axesWithinOutput,
  describeParameters,
  isDepthwise,
  isNamed,
  layerOf,
  type ParameterInfo,
  type ParameterRole,
  parameterRoles,
  type ParameterRoles,
  roleOf,
} from './variant/parameters.js';
export {
  needsTotalSteps,
  radius,
  rampSchemas,
  scheduleAt,
  scheduleError,
  scheduleSchema,
  type ScheduleSpec,
  type ScheduleTime,
} from './variant/schedule.js';
export type {
  AfterUpdate,
  Ascent,
  AscentPoint,
  BaseMemory,
  Evaluate,
  Evaluation,
  EvaluationPoint,
  PointDerivative,
  SharpnessVariant,
  Step,
  StepOutcome,
  StepOutlook,
  VariantMetrics,
} from './variant/variant.js';
export { plainStep, type Window, windowed } from './variant/window.js';
// Types of what factories take and give, so that the declarations of a package that exports one can name them.
export type { SharpnessAwareOptimizer } from './optimizer/optimizer.js';
export type { Spec } from './plugin/spec.js';
export type { OptimizerContext } from './step/setup.js';
export type { SharedSettings, VariantSettings } from './plugin/pluginOptions.js';
export type { Ramp, Schedule } from './variant/scheduleOptions.js';
