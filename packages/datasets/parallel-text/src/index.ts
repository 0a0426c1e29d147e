export {
  parallelText,
  type ParallelTextOptions,
  parallelTextPlugin,
  parallelTextPlugin as default,
} from './parallelText.js';
export type { ParallelTextSpecOptions } from './specOptions.js';
