export { brown, type BrownOptions, brownPlugin, brownPlugin as default } from './brown.js';
