import { decodeImage, type DecodeOptions } from './decodeImage.js';
import { centerSquare } from './resize.js';

/** How a file becomes an example. */
export interface ExampleOptions extends DecodeOptions {
  /** Pixels of the shorter side before the center is cut out. */
  readonly resize: number;
  /** Pixels of each side of the example. */
  readonly size: number;
}

/** The example of a file: bytes of [size, size, channels]. A function of the bytes alone, the same in every thread. */
export function exampleOf(bytes: Uint8Array, options: ExampleOptions): Uint8Array {
  return centerSquare(decodeImage(bytes, options), options);
}
