/** For flatmin's own packages. No promise is made of it: it changes in any release. */

export { BuiltInBase, isBuiltIn } from './base/builtIn.js';
export { ForeignBase } from './base/foreign.js';
export { builtInBases } from './compose/builtInBases.js';
export { type Caution, scheduleCaution } from './compose/cautions.js';
export { Composer } from './compose/composer.js';
export { levelSchemas } from './compose/sharedOptions.js';
export { type Services, systemClock } from './contracts/services.js';
export { closest, didYouMean } from './errors/closest.js';
export { refuseOtherCopy } from './errors/duplicateCore.js';
export { faulty } from './errors/faults.js';
export { type Checked, validated } from './errors/issues.js';
export { ProblemList } from './errors/problemList.js';
export { type JsonSchema, jsonSchemaOf } from './errors/schemaText.js';
export { checkLoss } from './loss/lossValue.js';
export { type BatchPart, batchParts } from './loss/parts.js';
export { type OptimizerSource, setFallbackContainer } from './optimizer/currentContainer.js';
export { registerOptimizer } from './optimizer/registerOptimizer.js';
export { Registry } from './plugin/registry.js';
export type { ExtraPass } from './step/evaluator.js';
export { FirstOfItsKind, type StepPosition, type StepReplay, type StepResult } from './step/replay.js';
export type { OptimizerSetup } from './step/setup.js';
export type { Metric, PackedMetrics } from './step/stepMetrics.js';
export { alias, isTensor } from './tensors/tensors.js';
export { uniformNumbers } from './tensors/nativeOps.js';
export { tensorsOf } from './tensors/stateTree.js';
export { type StepInputWatcher, watchStepInputs } from './tensors/stepInput.js';
