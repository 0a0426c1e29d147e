import type { BackendName } from '../tfjs/backendName.js';

const packages: Readonly<Record<BackendName, string>> = {
  tensorflow: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs',
  'tensorflow-gpu': '@tensorflow/tfjs-node-gpu',
  webgpu: '@tensorflow/tfjs-backend-webgpu',
};

/** Why a backend did not load, and what to do about it: two sentences. */
export interface Explanation {
  readonly reason: string;
  readonly remedy: string;
}

export function explain(name: BackendName, thrown: unknown): Explanation {
  const reason = reasonOf(thrown);
  const install = `npm install ${packages[name]}@4.22.0`;
  if (/cannot find (package|module)/i.test(reason) && reason.includes(`'${packages[name]}'`)) {
    return { reason: `${packages[name]} is not installed.`, remedy: `Install it with \`${install}\`.` };
  }
  if (/cannot find (package|module) 'webgpu'/i.test(reason)) {
    return { reason: 'The package webgpu, which is Dawn for Node, is not installed.', remedy: 'Install it with `npm install webgpu`.' }; // prettier-ignore
  }
  if (reason.includes('native addon module')) {
    const setUp = name === 'tensorflow' ? '; in the flatmin repository `npm run postinstall`' : '';
    return {
      reason: `${packages[name]} is installed, but not the TensorFlow library that its install script fetches.`,
      remedy: `Run \`npm approve-scripts ${packages[name]}\`, then \`npm rebuild ${packages[name]}\`${setUp}.`,
    };
  }
  return { reason: `${reason.replace(/\.+$/, '')}.`, remedy: `Install ${packages[name]} again with \`${install}\`.` };
}

/** Both sentences in one line that starts with the backend's name. */
export function explainInOneLine(name: BackendName, thrown: unknown): string {
  const { reason, remedy } = explain(name, thrown);
  return `${name}: ${reason} ${remedy}`;
}

/** The first line of whatever was thrown, as text that fits in a message. */
function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error || isErrorLike(thrown) ? thrown.message : String(thrown);
  return (text.split('\n')[0] ?? '').trim();
}

// An error from another realm (jest's sandbox, a worker) is not an `instanceof Error` here.
function isErrorLike(value: unknown): value is { message: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
