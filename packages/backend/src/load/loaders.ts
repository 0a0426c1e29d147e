import type { BackendName } from '../tfjs/backendName.js';
import { loadCpu } from './loadCpu.js';
import { loadTensorflow, loadTensorflowGpu } from './loadTensorflow.js';
import { loadWasm } from './loadWasm.js';
import { loadWebgpu } from './loadWebgpu.js';
import type { Loader } from '../tfjs/tf.js';

export const loaders: Readonly<Record<BackendName, Loader>> = {
  tensorflow: loadTensorflow,
  wasm: loadWasm,
  cpu: loadCpu,
  'tensorflow-gpu': loadTensorflowGpu,
  webgpu: loadWebgpu,
};
