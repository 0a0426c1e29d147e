export { digits, digitsPlugin, type DigitsOptions } from './digits.js';
export { digitsPlugin as default } from './digits.js';
