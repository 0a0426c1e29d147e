import { show } from '@flatmin/core/plugin';
import { checkClasses, checkLabels } from '../errors/checks.js';
import { refuse } from '../errors/refuse.js';
import type { Prepare, RawValues } from '../image/pipeline.js';
import type { LabelledSource } from '../source/labelledSource.js';
import { rowLength } from '../source/rowLength.js';
import { noisyParts } from '../split/noisyParts.js';
import { splitExamples } from '../split/splitExamples.js';
import type { SizeChoice, SplitChoice } from '../split/splitSchema.js';
import type { Encoding } from '../stream/encodedPart.js';
import { labelledDataSet, type LabelledDataSet } from './labelledDataSet.js';
import type { OpenOthers } from './unlabelled.js';

/**
 * Labeled examples read by index: the values stay where they are stored, the classes are in memory (4 bytes per
 * example).
 */
export type ExampleSource = LabelledSource<RawValues>;

export interface ExampleDataSetOptions {
  readonly id: string;
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly classNames?: readonly string[] | undefined;
  /** The official training examples, of which validation is held out by seed; or all examples. */
  readonly train: ExampleSource;
  /** The official test examples; without them, `testFraction` of `train` is held out by seed. */
  readonly test?: ExampleSource | undefined;
  readonly testFraction?: number | undefined;
  /** The official validation examples, if there are any; then none are held out of train. */
  readonly validation?: ExampleSource | undefined;
  readonly choice?: (SplitChoice & SizeChoice) | undefined;
  /** Turns raw values into those of x; augments if it gets a stream. Default: unchanged, bytes divided by 255. */
  readonly prepare?: Prepare | undefined;
  /** Opens examples of other files, without labels, for the data set's `unlabelled`. */
  readonly others?: OpenOthers<RawValues> | undefined;
  /** Batches made ahead; default 2. */
  readonly prefetch?: number | undefined;
}

/**
 * A classification data set over sources that are read as they are used: x float32 [batch, ...inputShape], y int32
 * [batch].
 *
 * Holds labels and orders (8 to 12 bytes per example) and the batches that {@link streamPart} states; the values of the
 * examples stay in the source. Only train is augmented, and only if it is shuffled.
 *
 * @throws FlatminError DATA_INVALID for labels that are not a class, and where more examples are asked for than there
 *   are.
 */
export function exampleDataSet(options: ExampleDataSetOptions): LabelledDataSet<{ readonly classes: number }> {
  const { id, classes, classNames, choice, others, prefetch } = options;
  checkClasses(classes);
  for (const source of [options.train, options.test, options.validation]) {
    if (source !== undefined) checkSource(source, classes);
  }
  return labelledDataSet({
    id,
    target: { classes, classNames },
    parts: noisyParts(splitExamples(options), classes, choice),
    encoding: encodingOf(options),
    augments: options.prepare !== undefined,
    others,
    prefetch,
  });
}

function checkSource({ size, labels }: ExampleSource, classes: number): void {
  if (labels.length !== size) refuse(`there are ${labels.length} labels for ${size} examples`, 'Give one for each.');
  checkLabels(labels, classes);
}

function encodingOf({ inputShape, prepare = asTheyAre }: ExampleDataSetOptions): Encoding<RawValues> {
  const length = rowLength(inputShape);
  return {
    inputShape,
    dtype: 'float32',
    encode: (values, into, example) => {
      if (values.length !== length) {
        refuse(
          `example ${show(example?.index)} has ${values.length} values, shape ${show(inputShape)} ${length}`,
          'Resize it.',
        );
      }
      into.set(prepare(values, example?.random));
    },
  };
}

const asTheyAre = (values: RawValues): Float32Array =>
  values.BYTES_PER_ELEMENT === 1 ? Float32Array.from(values, (v) => v / 255) : (values as Float32Array);
