// What a command prints and how it is interrupted: loads nothing else, as `--help` must not wait for TensorFlow.js.
export { counted } from './terminal/counted.js';
export { type Interruption, leaveSignalsToParent, onInterruption } from './terminal/interruption.js';
export { failure, heading, printTable, subdued } from './terminal/styles.js';
export { print, printJson, printStyled, terminalColumns, terminalText, warn, warnStyled } from './terminal/terminal.js';
