export type { Distribution } from './plugins/distribution.js';
