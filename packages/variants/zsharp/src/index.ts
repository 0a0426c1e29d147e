export { zsharp, zsharpPlugin } from './plugin.js';
export { type ZsharpSettings, zsharpVariant } from './zsharp.js';
export { zsharpPlugin as default } from './plugin.js';
export type { ZsharpSpecOptions } from './specOptions.js';
