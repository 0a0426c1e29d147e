export { capture, type CapturedStep, type CaptureOptions } from './capture/capture.js';
export { type CapturedFunction, captureFunction } from './capture/captureFunction.js';
export { captureOrEager } from './capture/captureOrEager.js';
