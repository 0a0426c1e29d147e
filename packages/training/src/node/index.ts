export { checkpointDirectory, fileStorage } from './checkpointDirectory.js';
export { hostName, isProcessAlive, startOfProcess } from './processes.js';
export { type FileActions, type FileContent, writeWhole } from './writeWhole.js';
export { phaseText, progress } from './progress.js';
export {
  duration,
  progressDisplay,
  type ProgressDisplay,
  type ProgressDisplayOptions,
  type ProgressStream,
} from './progressDisplay.js';
export type { HParams } from './hparams.js';
export { tensorBoard, type TensorBoardOptions } from './tensorBoard.js';
