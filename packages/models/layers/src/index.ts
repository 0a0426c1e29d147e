export { attach, type AttachOptions, type HeldOut } from './attach.js';
export { declareAverages } from './averages.js';
export { batchLoss, type BatchLossOptions, modelLoss } from './batchLoss.js';
export { compile, type CompileOptions } from './compile.js';
export type { ModelLoss } from './compiledLoss.js';
export { dropoutLayer, type DropoutLayerOptions } from './dropoutLayer.js';
export type { Reduction } from './outputLosses.js';
export { rolesOfModel } from './roles.js';
export type { LossOrMetric, ModelData } from './trainedModel.js';
