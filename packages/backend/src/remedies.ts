import type { BackendName } from './backend-name.js';
import { reasonOf } from './errors.js';

const PACKAGES: Readonly<Record<BackendName, string>> = {
  tensorflow: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs',
};

/** What to do about a backend that did not load, in one sentence. */
export function remedyFor(name: BackendName, thrown: unknown): string {
  const reason = reasonOf(thrown);
  const install = `npm install ${PACKAGES[name]}@4.22.0`;
  if (/cannot find (package|module)/i.test(reason)) return `Install it: \`${install}\`.`;
  if (name === 'tensorflow' && /addon module/.test(reason)) {
    return 'Its library was not installed: approve the install script of @tensorflow/tfjs-node and run `npm rebuild @tensorflow/tfjs-node` (in the flatmin repository: `npm run postinstall`).';
  }
  return `Reinstall it: \`${install}\`, or leave FLATMIN_BACKEND and the argument at 'auto'.`;
}
