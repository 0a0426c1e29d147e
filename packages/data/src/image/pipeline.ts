import type { RandomStream } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import { refuse } from '../errors/refuse.js';
import type { Augmentation, ImageShape } from './augmentation.js';
import type { Normalization } from './normalization.js';

/** Values of one example as they are stored; bytes are divided by 255. */
export type RawValues = Uint8Array | Float32Array;

/** Turns raw values into those of x; with a random stream, augmented. Returns a new array. */
export type Prepare = (values: RawValues, random?: RandomStream) => Float32Array;

/**
 * Scales bytes to [0, 1], normalizes by `(v - mean) / std` per channel in float32, then augments step by step. This
 * happens before the values become a tensor and depends only on (values, stream), so order, batch size, backend and
 * process do not matter.
 *
 * @param options.shape of the image, channels last.
 * @param options.normalize one mean and one std per channel; none leaves [0, 1].
 * @param options.augment steps in order; step i draws from `random.at(i)`.
 * @throws FlatminError DATA_INVALID where the numbers of channels differ.
 * @example
 * ```ts
 * const prepare = imagePipeline({
 *   shape: { height: 32, width: 32, channels: 3 },
 *   normalize: normalizations.cifar10,
 *   augment: [randomCrop({ padding: 4 }), horizontalFlip()],
 * });
 * const x = prepare(bytes, new RandomStream(1).at(epoch).at(example));
 * ```
 */
export function imagePipeline(options: {
  readonly shape: ImageShape;
  readonly normalize?: Normalization | undefined;
  readonly augment?: readonly Augmentation[];
}): Prepare {
  const { shape, normalize, augment = [] } = options;
  const { channels } = shape;
  const mean = normalize?.mean ?? new Array<number>(channels).fill(0);
  const std = normalize?.std ?? new Array<number>(channels).fill(1);
  if (mean.length !== channels || std.length !== channels) {
    refuse(
      `normalization has mean ${show(mean)} and std ${show(std)}, the images have ${channels} channels`,
      'Give one number per channel.',
    );
  }
  const normalized = (unit: number): readonly number[] =>
    mean.map((value, channel) => (unit - value) / (std[channel] as number));
  const [black, white] = [normalized(0), normalized(1)];
  return (values, random) => {
    const unit = values.BYTES_PER_ELEMENT === 1 ? 255 : 1;
    const scaled = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const channel = i % channels;
      scaled[i] = ((values[i] as number) / unit - (mean[channel] as number)) / (std[channel] as number);
    }
    if (random === undefined) return scaled;
    return augment.reduce<Float32Array>(
      (image, step, i) => step(image, shape, { random: random.at(i), black, white }),
      scaled,
    );
  };
}
