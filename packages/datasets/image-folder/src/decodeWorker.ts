import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, isFlatminError } from '@flatmin/core/errors';
import { openFolder } from '@flatmin/data/node';
import type { ExampleOptions } from './exampleOf.js';
import { readExample } from './readExample.js';

// The entry of a thread: reads and decodes one file after the other. It loads neither TensorFlow.js nor the rest of
// core.

export interface DecodeSetting {
  /** The folder that paths are relative to. */
  readonly dir: string;
  readonly options: ExampleOptions;
}

/** Replies come in the order of the paths. */
export type DecodeReply =
  { readonly values: Uint8Array } | { readonly refused: { readonly code: ErrorCode; readonly message: string } };

const { dir, options } = workerData as DecodeSetting;
const folder = openFolder(dir);
let last: Promise<void> = folder.then(
  () => undefined,
  () => undefined,
);
parentPort?.on('message', (path: string) => {
  last = last.then(async () => {
    const reply = await answer(path);
    parentPort?.postMessage(reply, 'values' in reply ? [reply.values.buffer as ArrayBuffer] : []);
  });
});

async function answer(path: string): Promise<DecodeReply> {
  try {
    return { values: await readExample(await folder, path, options) };
  } catch (error) {
    // Anything else is a bug, and ends the thread.
    if (!isFlatminError(error)) throw error;
    const { code, message } = error;
    return { refused: { code, message } };
  }
}
