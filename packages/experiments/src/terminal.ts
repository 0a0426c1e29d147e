// What a command prints and how it is interrupted: loads nothing else, as `--help` must not wait for TensorFlow.js.
export { counted } from './terminal/counted.js';
export { type Interruption, leaveSignalsToParent, onInterruption } from './terminal/interruption.js';
export { print, printJson, terminalText, warn } from './terminal/terminal.js';
