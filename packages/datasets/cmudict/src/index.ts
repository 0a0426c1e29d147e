export { cmudict, type CmudictOptions, cmudictPlugin, cmudictPlugin as default } from './cmudict.js';
