/**
 * What is wrong with an image, and where in its file. The code that decodes knows bytes, not whose they are: who knows
 * the file's name makes a FlatminError of it.
 */
export class ImageFault extends Error {
  constructor(
    readonly offset: number,
    readonly what: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(what, options);
  }
}

export function fault(offset: number, what: string, remedy: string, cause?: unknown): never {
  throw new ImageFault(offset, what, remedy, { cause });
}

export const again = 'Get the file again, or remove it.';

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
