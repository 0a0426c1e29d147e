import { digitsArchive } from './digitsArchive.js';

export const classes = 10;
/** Pixels of one image, 8 x 8. */
export const pixels = 64;
const brightest = 16;

/** All images in file order: `features` [rows, 64] row-major in [0, 1] (the file's 0..16 over 16), `labels` 0..9. */
export interface Digits {
  readonly features: Float32Array;
  readonly labels: Int32Array;
}

/** Unpacks the embedded file with web standards alone, which node, browsers and workers all have. */
export async function readDigits(): Promise<Digits> {
  const packed = Uint8Array.from(atob(digitsArchive), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return parseDigits(await new Response(unpacked).text());
}

/** One image a line: 64 pixels, then the class, with commas between. */
function parseDigits(csv: string): Digits {
  const lines = csv.trimEnd().split('\n');
  const features = new Float32Array(lines.length * pixels);
  const labels = new Int32Array(lines.length);
  lines.forEach((line, row) => {
    const numbers = line.split(',').map(Number);
    labels[row] = numbers.pop() as number;
    features.set(
      numbers.map((value) => value / brightest),
      row * pixels,
    );
  });
  return { features, labels };
}
