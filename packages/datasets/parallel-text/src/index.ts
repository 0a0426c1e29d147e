export {
  parallelText,
  type ParallelTextOptions,
  parallelTextPlugin,
  parallelTextPlugin as default,
} from './parallelText.js';
