export { brown, type BrownOptions, brownPlugin, brownPlugin as default } from './brown.js';
export type { BrownSpecOptions } from './specOptions.js';
