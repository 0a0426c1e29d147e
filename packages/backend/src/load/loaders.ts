import type { BackendName } from '../tfjs/backendName.js';
import { loadCpu } from './loadCpu.js';
import { loadTensorflow } from './loadTensorflow.js';
import { loadWasm } from './loadWasm.js';
import type { Loader } from '../tfjs/tf.js';

export const loaders: Readonly<Record<BackendName, Loader>> = {
  tensorflow: loadTensorflow,
  wasm: loadWasm,
  cpu: loadCpu,
};
