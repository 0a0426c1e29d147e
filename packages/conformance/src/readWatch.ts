import * as tf from '@tensorflow/tfjs-core';
import { engineState } from './watchLoss.js';

const tensorMethods = ['data', 'dataSync', 'array', 'arraySync', 'buffer', 'bufferSync', 'bytes'] as const;
const backendMethods = ['read', 'readSync', 'readToGPU'] as const;

/** Backends whose kernels run in JavaScript's own memory: what they read there comes back from nowhere. */
const ownMemory = ['cpu', 'wasm'];

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Notes what reads values back from the backend while it watches, except for what a loss and its backward pass do. */
export class ReadWatch {
  /** Set while a loss runs: its own kernels may read, as native gather reads its indices. */
  insideLoss = false;
  readonly #reads = new Map<string, number>();
  #depth = 0;

  /** What `step` read, each with its count. */
  during(step: () => void): readonly string[] {
    this.#reads.clear();
    const restore = [
      ...tensorMethods.map((name) => this.#wrap(tf.Tensor.prototype, name, `Tensor.${name}`)),
      ...backendMethods.map((name) => this.#wrap(tf.backend(), name, `the backend's ${name}`)),
    ];
    try {
      step();
    } finally {
      for (const undo of restore) undo();
    }
    return [...this.#reads].map(([what, count]) => `${what} was called ${count === 1 ? 'once' : `${count} times`}`);
  }

  /** Puts a wrapper on one object, which may inherit the method, and says how to take it off. */
  #wrap(target: object, name: string, label: string): () => void {
    const methods = target as Record<string, Method>;
    const own = Object.getOwnPropertyDescriptor(methods, name);
    const original = methods[name];
    if (original === undefined) return () => undefined;
    const note = (): void => this.#note(label);
    const enter = (by: 1 | -1): void => void (this.#depth += by);
    methods[name] = function (this: unknown, ...args: unknown[]): unknown {
      note();
      enter(1);
      try {
        return original.apply(this, args);
      } finally {
        enter(-1);
      }
    };
    return () => {
      if (own === undefined) delete methods[name];
      else Object.defineProperty(methods, name, own);
    };
  }

  #note(label: string): void {
    const { kernelDepth, scopeStack } = engineState();
    // The backward pass of the loss's kernels is theirs too; TF.js runs it in a scope of that name.
    if (this.#depth > 0 || this.insideLoss || scopeStack.some(({ name }) => name === 'backward')) return;
    if (kernelDepth > 0 && ownMemory.includes(tf.getBackend())) return;
    const what = kernelDepth > 0 ? `${label} (by a kernel)` : label;
    this.#reads.set(what, (this.#reads.get(what) ?? 0) + 1);
  }
}
