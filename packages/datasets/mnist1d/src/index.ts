export { mnist1d, mnist1dPlugin, type Mnist1dOptions } from './mnist1d.js';
export { mnist1dPlugin as default } from './mnist1d.js';
export type { Mnist1dSpecOptions } from './specOptions.js';
