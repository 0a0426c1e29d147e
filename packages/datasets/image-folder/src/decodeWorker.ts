import { parentPort } from 'node:worker_threads';
import { exampleOf, type ExampleOptions } from './exampleOf.js';
import { ImageFault } from './imageFault.js';

// The entry of a thread: decodes one file after the other.

export interface DecodeRequest {
  readonly bytes: Uint8Array;
  readonly options: ExampleOptions;
}

export type DecodeReply =
  | { readonly values: Uint8Array }
  | { readonly fault: { readonly offset: number; readonly what: string; readonly remedy: string } };

parentPort?.on('message', ({ bytes, options }: DecodeRequest) => {
  const reply = answer(bytes, options);
  parentPort?.postMessage(reply, 'values' in reply ? [reply.values.buffer as ArrayBuffer] : []);
});

function answer(bytes: Uint8Array, options: ExampleOptions): DecodeReply {
  try {
    return { values: exampleOf(bytes, options) };
  } catch (error) {
    // Anything else is a bug, and ends the thread.
    if (!(error instanceof ImageFault)) throw error;
    const { offset, what, remedy } = error;
    return { fault: { offset, what, remedy } };
  }
}
