import { loadBackend, type LoadedBackend } from '@flatmin/backend';
import { speedUpWasmMatMul } from './wasmMatMul.js';

/** Loads a backend for a run of the command line, as fast as it goes. */
export async function loadTrainingBackend(name: Parameters<typeof loadBackend>[0]): Promise<LoadedBackend> {
  const loaded = await loadBackend(name);
  if (loaded.name === 'wasm') speedUpWasmMatMul();
  return loaded;
}
