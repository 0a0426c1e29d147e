export { digits, digitsPlugin, type DigitsOptions } from './digits.js';
export { digitsPlugin as default } from './digits.js';
export type { DigitsSpecOptions } from './specOptions.js';
