import { createRequire } from 'node:module';
import * as tfjs from '@tensorflow/tfjs';
import { importOptional, tfjsOf, type Loaded } from '../tfjs/tf.js';
import { activateWebgpu } from '../tfjs/webgpu.js';

const packageName = '@tensorflow/tfjs-backend-webgpu';

/** What `webgpu` exports: Dawn, the implementation of Chromium, for Node. */
interface Dawn {
  readonly globals: object;
  create(options: readonly string[]): unknown;
}

/** The WebGPU backend, on the GPU that Dawn finds. */
export async function loadWebgpu(): Promise<Loaded> {
  await provideGpu();
  // It registers itself only where there is a GPU when it is imported.
  await importOptional(packageName);
  const tf = tfjsOf(tfjs);
  await activateWebgpu(tf);
  const { version } = createRequire(import.meta.url)(`${packageName}/package.json`) as { readonly version: string };
  return { tf, version };
}

/** Gives the process what a page has: `navigator.gpu`, and the classes and flags of WebGPU. */
async function provideGpu(): Promise<void> {
  const place = globalThis as { navigator?: { gpu?: unknown } };
  if (place.navigator?.gpu !== undefined) return;
  const gpus = (await import(dawn)) as Dawn;
  Object.assign(globalThis, gpus.globals);
  place.navigator ??= {};
  Object.defineProperty(place.navigator, 'gpu', { value: gpus.create([]), configurable: true });
}

// A name that the compiler does not follow: the package is optional.
const dawn: string = 'webgpu';
