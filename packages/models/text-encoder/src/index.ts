export { type LanguageContext, textEncoder, type TextEncoderOptions, textEncoderPlugin } from './textEncoder.js';
export { textEncoderPlugin as default } from './textEncoder.js';
export type { TextEncoderSpecOptions } from './specOptions.js';
