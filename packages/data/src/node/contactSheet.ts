import { PNG } from 'pngjs';

/** Pixels between images. */
const gap = 2;
const background = 255;

/** Height, width and channels of one example, or undefined where it is not an image. */
export function imageShapeOf(inputShape: readonly number[]): readonly [number, number, number] | undefined {
  const [height, width, channels = 1] = inputShape;
  if (height === undefined) return undefined;
  if (inputShape.length === 1) {
    // A flat image, as MLPs take it: square, and not tiny.
    const side = Math.sqrt(height);
    return Number.isInteger(side) && side >= 4 ? [side, side, 1] : undefined;
  }
  const isImage = inputShape.length <= 3 && (channels === 1 || channels === 3);
  return isImage && width !== undefined ? [height, width, channels] : undefined;
}

/**
 * Images in rows as one PNG, with small ones enlarged, scaled from the smallest value (black) to the largest (white) of
 * all of them.
 *
 * @param rows values of each image, channels last; rows may be of different lengths.
 */
export function contactSheet(
  rows: readonly (readonly ArrayLike<number>[])[],
  [height, width, channels]: readonly [number, number, number],
): Uint8Array {
  const zoom = Math.max(1, Math.floor(56 / Math.max(height, width)));
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const png = new PNG({
    width: columns * (width * zoom + gap) + gap,
    height: Math.max(1, rows.length) * (height * zoom + gap) + gap,
  });
  png.data.fill(background);
  const level = levels(rows.flat());
  rows.forEach((row, r) =>
    row.forEach((image, c) => {
      const [top, left] = [gap + r * (height * zoom + gap), gap + c * (width * zoom + gap)];
      for (let y = 0; y < height * zoom; y++) {
        for (let x = 0; x < width * zoom; x++) {
          const pixel = (Math.floor(y / zoom) * width + Math.floor(x / zoom)) * channels;
          const target = ((top + y) * png.width + left + x) * 4;
          for (let k = 0; k < 3; k++) {
            png.data[target + k] = level(image[pixel + (channels === 3 ? k : 0)] as number);
          }
        }
      }
    }),
  );
  return PNG.sync.write(png, { colorType: 2 });
}

function levels(images: readonly ArrayLike<number>[]): (value: number) => number {
  let [least, greatest] = [Infinity, -Infinity];
  for (const image of images) {
    for (let i = 0; i < image.length; i++) {
      least = Math.min(least, image[i] as number);
      greatest = Math.max(greatest, image[i] as number);
    }
  }
  const scale = greatest > least ? 255 / (greatest - least) : 0;
  return (value) => Math.round((value - least) * scale);
}
