export { idxPlugin as default, idx, idxPlugin, type IdxOptions } from './idx.js';
export { type SetName } from './sets.js';
export type { IdxSpecOptions } from './specOptions.js';
