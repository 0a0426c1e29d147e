export { vasso, vassoPlugin } from './plugin.js';
export { type VassoSettings, type VassoState, vassoVariant } from './vasso.js';
export { vassoPlugin as default } from './plugin.js';
export type { VassoSpecOptions } from './specOptions.js';
