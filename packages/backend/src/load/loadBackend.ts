import { backendNames, resolveRequest, type BackendName } from '../tfjs/backendName.js';
import { FlatminError, isFlatminError } from '@flatmin/core/errors';
import { explain, explainInOneLine } from './explain.js';
import { loaders } from './loaders.js';
import type { Loaded, Tf } from '../tfjs/tf.js';

export interface BackendVersions {
  readonly node: string;
  readonly tfjs: string;
  /** The library behind the backend: TensorFlow, the WebAssembly package, or the JavaScript package. */
  readonly backend: string;
}

export interface LoadedBackend {
  readonly name: BackendName;
  readonly tf: Tf;
  readonly versions: BackendVersions;
  /** Why each better backend was passed over; empty when the best one loaded. */
  readonly notes: readonly string[];
}

/**
 * Loads a TensorFlow.js backend, with gradients and layers, and makes it the active one.
 *
 * Asking again for the active backend costs nothing; asking for another one switches to it. Tensors stay usable across
 * a switch: TensorFlow.js moves their values when an op of the new backend reads them.
 *
 * @param name one backend, which then has to load, or 'auto' (the default): what `FLATMIN_BACKEND` names, else the
 *   first of tensorflow, wasm, cpu that loads. `tensorflow-gpu` (CUDA, through tfjs-node-gpu) and `webgpu` (through the
 *   package of that name) load only when they are named.
 * @throws FlatminError BACKEND_UNKNOWN for a name that is none of these; BACKEND_UNAVAILABLE when the one asked for
 *   does not load; BACKEND_DUPLICATE when the native backend asked for brings a second copy of TensorFlow.js.
 * @example
 * const { name, tf } = await loadBackend();
 * console.log(name, tf.square(3).arraySync());
 */
export async function loadBackend(name?: BackendName | 'auto'): Promise<LoadedBackend> {
  const request = resolveRequest(name);
  const notes: string[] = [...request.notes];
  for (const candidate of request.only === undefined ? backendNames : [request.only]) {
    try {
      return describe(candidate, await loaders[candidate](), notes);
    } catch (thrown) {
      if (request.only !== undefined) throw unavailable(candidate, request.askedBy, thrown);
      notes.push(explainInOneLine(candidate, thrown));
    }
  }
  throw new FlatminError('BACKEND_UNAVAILABLE', `No TensorFlow.js backend loads here. ${notes.join(' ')}`);
}

function describe(name: BackendName, loaded: Loaded, notes: readonly string[]): LoadedBackend {
  const { tf, version } = loaded;
  const versions = { node: process.versions.node, tfjs: tf.version.tfjs, backend: version };
  return { name, tf, versions, notes };
}

function unavailable(name: BackendName, askedBy: string, cause: unknown): FlatminError {
  if (isFlatminError(cause)) return cause;
  const { reason, remedy } = explain(name, cause);
  const message = `${askedBy} asks for the backend '${name}', which does not load: ${reason} ${remedy}`;
  return new FlatminError('BACKEND_UNAVAILABLE', message, { cause });
}
