import { createRequire } from 'node:module';
import path from 'node:path';
import * as tfjs from '@tensorflow/tfjs';
import { speedUpWasmMatMul } from '../kernels/wasmMatMul.js';
import { activate, importOptional, tfjsOf, type Loaded } from '../tfjs/tf.js';

const packageName = '@tensorflow/tfjs-backend-wasm';

interface WasmPackage {
  readonly version_wasm: string;
  setWasmPaths(prefix: string): void;
}

/** The WebAssembly backend. It uses SIMD where the processor has it; in Node it has no threads. */
export async function loadWasm(): Promise<Loaded> {
  const wasm = (await importOptional(packageName)) as WasmPackage;
  const tf = tfjsOf(tfjs);
  if (tf.getBackend() !== 'wasm') {
    // Found from the package, not from the working directory or a bundle's place.
    wasm.setWasmPaths(path.dirname(createRequire(import.meta.url).resolve(packageName)) + path.sep);
    await withoutProcessListeners(() => activate(tf, 'wasm'));
    speedUpWasmMatMul(tf);
  }
  return { tf, version: wasm.version_wasm };
}

/**
 * The compiled runtime listens for the process's uncaught errors and throws them again, which changes the exit code and
 * the stack trace of errors that have nothing to do with it. A library has no business there: take them off again.
 */
async function withoutProcessListeners(load: () => Promise<void>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.rawListeners(event)));
  await load();
  events.forEach((event, index) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[index]?.has(listener)) process.removeListener(event, listener as () => void);
    }
  });
}
