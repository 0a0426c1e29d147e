import type { BackendName } from './backend-name.js';
import { loadCpu } from './load-cpu.js';
import { loadTensorflow } from './load-tensorflow.js';
import { loadWasm } from './load-wasm.js';
import type { Loader } from './tf.js';

export const LOADERS: Readonly<Record<BackendName, Loader>> = {
  tensorflow: loadTensorflow,
  wasm: loadWasm,
  cpu: loadCpu,
};
