import { FlatminError } from '@flatmin/core/errors';

/** What of TensorFlow.js this needs: the same in Node and in a page. */
interface Engine {
  findBackendFactory(name: string): unknown;
  getBackend(): string;
  ready(): Promise<void>;
  setBackend(name: string): Promise<boolean>;
}

interface Gpu {
  requestAdapter(): Promise<unknown>;
}

/**
 * Makes the registered WebGPU backend the active one. Asks for an adapter first, since TensorFlow.js fails on a null
 * one with an error of its own code.
 */
export async function activateWebgpu(tf: Engine): Promise<void> {
  if (tf.getBackend() === 'webgpu') return;
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: Gpu } };
  if (navigator?.gpu === undefined)
    throw unavailable('there is no navigator.gpu here', 'Use a browser that has WebGPU');
  if ((await navigator.gpu.requestAdapter()) === null) {
    throw unavailable('WebGPU finds no adapter', 'Install a Vulkan, Metal or Direct3D 12 driver of the GPU');
  }
  if (tf.findBackendFactory('webgpu') === null) {
    throw unavailable(
      '@tensorflow/tfjs-backend-webgpu was imported before there was a GPU, or not at all',
      'Import it where navigator.gpu exists, once',
    );
  }
  if (!(await tf.setBackend('webgpu'))) throw unavailable('TensorFlow.js could not initialize it', 'Update the driver');
  await tf.ready();
}

const unavailable = (why: string, remedy: string): FlatminError =>
  new FlatminError(
    'BACKEND_UNAVAILABLE',
    `The backend 'webgpu' does not load: ${why}. ${remedy}, or use another backend.`,
  );
