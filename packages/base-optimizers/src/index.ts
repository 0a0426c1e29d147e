export { adamw, lamb, lion, muon, scheduleFreeAdamw, scheduleFreeSgd, sgdw } from './factories.js';
export {
  adamwPlugin,
  baseOptimizers,
  lambPlugin,
  lionPlugin,
  muonPlugin,
  scheduleFreeAdamwPlugin,
  scheduleFreeSgdPlugin,
  sgdwPlugin,
} from './plugins.js';
export type {
  AdamwSpecOptions,
  LambSpecOptions,
  LionSpecOptions,
  MuonSpecOptions,
  ScheduleFreeAdamwSpecOptions,
  ScheduleFreeSgdSpecOptions,
  SgdwSpecOptions,
} from './specOptions.js';
