export { runCommandLine } from './command/program.js';
export type { Distribution } from '@flatmin/experiments';
