export { cmudict, type CmudictOptions, cmudictPlugin, cmudictPlugin as default } from './cmudict.js';
export type { CmudictSpecOptions } from './specOptions.js';
