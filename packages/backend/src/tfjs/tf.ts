import type * as tfjs from '@tensorflow/tfjs';

/** TensorFlow.js as `import * as tf from '@tensorflow/tfjs'` gives it. */
export type Tf = typeof tfjs;

/** What loading one backend yields; `version` is that of the library behind it. */
export interface Loaded {
  readonly tf: Tf;
  readonly version: string;
}

/** Brings one backend into this process and makes it the active one; rejects with the reason when it cannot. */
export type Loader = () => Promise<Loaded>;

/**
 * Imports a CommonJS package by a name that the compiler does not follow: the package is optional, so its types may be
 * absent, and bundlers must not require it either. Node hangs the exports on `default`, jest does not.
 */
export async function importOptional(specifier: string): Promise<object> {
  const module = (await import(specifier)) as { readonly default?: object };
  return module.default ?? module;
}

/** The CommonJS exports behind an imported namespace, so that every import yields one and the same object. */
export function tfjsOf(namespace: Tf): Tf {
  return (namespace as Tf & { readonly default?: Tf }).default ?? namespace;
}

/**
 * Makes the backend that TensorFlow.js has under `name` the active one, or throws: `tf.setBackend` reports failure by
 * resolving to false.
 */
export async function activate(tf: Tf, name: string): Promise<void> {
  if (tf.getBackend() === name) return;
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js could not initialize the backend '${name}'`);
  await tf.ready();
}
