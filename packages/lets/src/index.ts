export { Lets, type LetsState } from './lets.js';
export type { Grouping } from './radiusGroups.js';
export { lets, letsPlugin } from './plugin.js';
export { letsPlugin as default } from './plugin.js';
export { type Curvature, defaultRho, type LetsSettings, type PresetName, presets } from './settings.js';
export type { RadiusSettings, RadiusState, UpperSettings } from './upper.js';
export {
  type LossOf,
  type ReadyBatches,
  validationBatches,
  type ValidationDataset,
  type ValidationLoss,
  validationRows,
  type ValidationTensors,
} from './validationBatches.js';
export type { LetsSpecOptions } from './specOptions.js';
