import os from 'node:os';
import * as tfjs from '@tensorflow/tfjs';
import { backendNames, type BackendName } from '../tfjs/backendName.js';
import { explain } from './explain.js';
import { loaders } from './loaders.js';
import { activate, tfjsOf } from '../tfjs/tf.js';

export type BackendStatus =
  | { readonly name: BackendName; readonly available: true; readonly version: string }
  | { readonly name: BackendName; readonly available: false; readonly reason: string; readonly remedy: string };

export interface BackendReport {
  readonly node: string;
  readonly tfjs: string;
  /** Operating system and processor, as Node names them: `linux-x64`. */
  readonly platform: string;
  /** Processor cores this process may use. */
  readonly cores: number;
  /** One entry for each backend, best first. */
  readonly backends: readonly BackendStatus[];
  /** What would make training faster on this machine; empty when nothing is known to. */
  readonly advice: readonly string[];
}

/**
 * Tries every backend and says what this machine has: what `flatmin doctor` prints. It squares a number on each, then
 * makes the backend active again that was so before. Takes about a second where the native one loads.
 */
export async function describeBackends(): Promise<BackendReport> {
  const tf = tfjsOf(tfjs);
  const before = tf.getBackend() as string | undefined;
  const backends: BackendStatus[] = [];
  for (const name of backendNames) backends.push(await tryBackend(name));
  if (before) await activate(tf, before);
  return {
    node: process.versions.node,
    tfjs: tf.version.tfjs,
    platform: `${process.platform}-${process.arch}`,
    cores: os.availableParallelism(),
    backends,
    advice: adviceFor(backends),
  };
}

async function tryBackend(name: BackendName): Promise<BackendStatus> {
  try {
    const { tf, version } = await loaders[name]();
    const nine = tf.tidy(() => tf.square(3).dataSync()[0]);
    if (nine !== 9) throw new Error(`The square of 3 on the backend '${name}' is ${nine}`);
    return { name, available: true, version };
  } catch (thrown) {
    return { name, available: false, ...explain(name, thrown) };
  }
}

const officialLibrary = /^2\.\d\./;

function adviceFor(backends: readonly BackendStatus[]): readonly string[] {
  const [tensorflow, wasm] = backends;
  if (tensorflow?.available) {
    if (!officialLibrary.test(tensorflow.version)) return [];
    return [
      `TensorFlow ${tensorflow.version} comes from tfjs-node's installer; version 2.21 has faster kernels. ` +
        'The set-up in the flatmin repository builds it if pip and g++ are available.',
    ];
  }
  const native =
    'The native backend trains layers of 512 units about 20 times as fast as wasm, 70 times as fast as cpu.';
  const advice = [`${native} ${tensorflow?.remedy ?? ''}`];
  if (wasm?.available === false) advice.push(`The wasm backend is faster than cpu on small models. ${wasm.remedy}`);
  return advice;
}
