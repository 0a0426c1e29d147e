import { loadBackend } from '@flatmin/backend';
// Core alone knows no gradients: they register themselves here.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm';
import type { BackendName } from './settings.js';

/** Each is a file of its own, fetched when it is chosen. */
const load: Readonly<Record<BackendName, () => Promise<unknown>>> = {
  wasm: async () => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    // Where our bundler puts them; without this they would come from a CDN.
    setWasmPaths({
      'tfjs-backend-wasm.wasm': plain,
      'tfjs-backend-wasm-simd.wasm': simd,
      'tfjs-backend-wasm-threaded-simd.wasm': threaded,
    });
  },
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
};
const loaded = new Map<BackendName, Promise<unknown>>();

/** Whether this browser has what a backend needs. */
export function isAvailable(name: BackendName): boolean {
  if (name === 'wasm') return typeof WebAssembly === 'object';
  if (name === 'webgpu') return 'gpu' in navigator;
  if (name === 'webgl') return document.createElement('canvas').getContext('webgl2') !== null;
  return true;
}

/** Makes a backend the one that computes, or rejects with what to do instead. */
export async function useBackend(name: BackendName): Promise<void> {
  const loading = loaded.get(name) ?? load[name]();
  loaded.set(name, loading);
  try {
    await loading;
  } catch (error) {
    loaded.delete(name);
    throw new Error(`The backend ${name} could not be loaded (${String(error)}). Choose another one.`, {
      cause: error,
    });
  }
  await loadBackend(name);
}
