import { FlatminError } from '@flatmin/core/errors';
import { findBackendFactory, getBackend, ready, setBackend, version_core } from '@tensorflow/tfjs-core';
import { activateWebgpu } from '../tfjs/webgpu.js';

/** The backends of a page, in the order in which TensorFlow.js prefers them. */
export const backendNames = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** Without `tf`, which Node's has: a page that was handed all of TensorFlow.js would have to bundle all of it. */
export interface LoadedBackend {
  readonly name: BackendName;
  readonly versions: { readonly tfjs: string };
  /** Why each better backend was passed over; empty when the best one loaded. */
  readonly notes: readonly string[];
}

const packages: Readonly<Record<BackendName, string>> = {
  webgpu: '@tensorflow/tfjs-backend-webgpu',
  webgl: '@tensorflow/tfjs-backend-webgl',
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs-backend-cpu',
};

/**
 * Makes a backend that the page has imported the active one: `import '@tensorflow/tfjs-backend-webgpu'` registers it,
 * so that a page bundles only the backends that it names. The gradients come with `import '@tensorflow/tfjs'`.
 *
 * @param name one backend, which then has to load, or 'auto' (the default): the first of webgpu, webgl, wasm, cpu that
 *   was imported and loads.
 * @throws FlatminError BACKEND_UNKNOWN for a name that is none of these; BACKEND_UNAVAILABLE where it was not imported,
 *   or does not start in this browser.
 * @example
 * import '@tensorflow/tfjs';
 * import '@tensorflow/tfjs-backend-webgpu';
 * const { name, notes } = await loadBackend();
 */
export async function loadBackend(name: BackendName | 'auto' = 'auto'): Promise<LoadedBackend> {
  if (name !== 'auto' && !backendNames.includes(name)) {
    throw new FlatminError(
      'BACKEND_UNKNOWN',
      `loadBackend('${String(name)}') does not name a backend of a page: it is not one of auto, ${backendNames.join(', ')}. Use one of those.`,
    );
  }
  const notes: string[] = [];
  for (const candidate of name === 'auto' ? backendNames.filter(isImported) : [name]) {
    try {
      await activate(candidate);
      return { name: candidate, versions: { tfjs: version_core }, notes };
    } catch (thrown) {
      if (name !== 'auto') throw thrown;
      notes.push(String((thrown as Error).message));
    }
  }
  const imports = backendNames.map((each) => packages[each]).join(', ');
  throw new FlatminError(
    'BACKEND_UNAVAILABLE',
    `No TensorFlow.js backend loads in this page. Import one of ${imports}. ${notes.join(' ')}`.trimEnd(),
  );
}

const isImported = (name: BackendName): boolean => findBackendFactory(name) !== null;

async function activate(name: BackendName): Promise<void> {
  if (!isImported(name)) {
    throw new FlatminError(
      'BACKEND_UNAVAILABLE',
      `The backend '${name}' is not in this page. Import ${packages[name]} before loadBackend('${name}').`,
    );
  }
  if (name === 'webgpu') return activateWebgpu({ findBackendFactory, getBackend, ready, setBackend });
  if (!(await setBackend(name))) {
    throw new FlatminError(
      'BACKEND_UNAVAILABLE',
      `The backend '${name}' does not start in this browser. Use another one: cpu runs everywhere.`,
    );
  }
  await ready();
}
