export { capture, type CapturedStep, type CaptureOptions } from './capture.js';
export { type CapturedFunction, captureFunction } from './captureFunction.js';
export { captureOrEager } from './captureOrEager.js';
