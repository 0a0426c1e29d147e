/** For users: containers, optimizers, losses, services and errors. Authors of plugins: `@flatmin/core/plugin`. */

export { type ContainerOptions, createContainer, FlatminContainer, useContainer } from './compose/container.js';
export { inUnitOfData } from './contracts/dataset.js';
export {
  type CheckpointStorage,
  type Clock,
  type Logger,
  type RandomSource,
  type StoredFiles,
  tokens,
} from './contracts/services.js';
export { type ErrorCode, errorCodes, FlatminError, isFlatminError, type Problem } from './errors/errors.js';
export { lossOfBatch, lossOfOutputs, type LossOfRows } from './loss/batchLosses.js';
export { declareMoments } from './loss/combineStatistics.js';
export { estimateStatistics, type StatisticsPass } from './loss/estimateStatistics.js';
export type { BatchAccess, LossFunction } from './loss/loss.js';
export { lossRandom } from './loss/lossRandom.js';
export { SharpnessAwareOptimizer, type Attachment } from './optimizer/optimizer.js';
export type { Spec } from './plugin/spec.js';
export type { OptimizerContext } from './step/setup.js';
export type { StepMetrics } from './step/stepMetrics.js';
export { RandomStream } from './tensors/random.js';
export { stepInput, type Supplies, type Supply } from './tensors/stepInput.js';
export type {
  SgdSpecOptions,
  MomentumSpecOptions,
  AdamSpecOptions,
  AdamaxSpecOptions,
  AdagradSpecOptions,
  AdadeltaSpecOptions,
  RmspropSpecOptions,
} from './compose/specOptions.js';

// Whole, as packages add their plugins to PluginOptions by declaration merging, which passes no list of names.
export type * from './plugin/pluginOptions.js';
export type { ParameterGroup } from './variant/parameterGroups.js';
