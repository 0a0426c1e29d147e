import { type ClassificationDataSet, type DataPart, show, type UnlabelledExamples } from '@flatmin/core';
import type { RecordSource } from '../source/source.js';
import { noisyParts, splitExamples } from '../split/splitExamples.js';
import type { SizeChoice, SplitChoice } from '../split/splitSchema.js';
import { streamPart } from '../stream/streamPart.js';
import { checkClasses, checkLabels, refuse, rowLength } from '../source/table.js';
import { inputsOnly, type OpenOthers, type OtherRecords } from './unlabelled.js';
import type { Prepare, RawValues } from '../image/pipeline.js';

/** Labelled examples read by index: values from wherever they lie, labels in memory (4 bytes an example). */
export interface ExampleSource extends RecordSource<RawValues> {
  /** int32 [size], classes in [0, classes). */
  readonly labels: Int32Array;
}

export interface ExampleDataSetOptions {
  readonly id: string;
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly classNames?: readonly string[];
  /** The official training examples, of which validation is held out by seed; or all examples there are. */
  readonly train: ExampleSource;
  /** The official test examples; without, `testFraction` of `train` is held out by seed. */
  readonly test?: ExampleSource;
  readonly testFraction?: number;
  /** The official validation examples, where there are some: then none is held out of train. */
  readonly validation?: ExampleSource;
  readonly choice?: SplitChoice & SizeChoice;
  /** Turns raw values into those of x; augments where it gets a stream. Default: as they are, bytes over 255. */
  readonly prepare?: Prepare;
  /** Opens examples of other files, without labels, for the data set's `unlabelled`. */
  readonly others?: OpenOthers<RawValues> | undefined;
  /** Batches made ahead; default 2. */
  readonly prefetch?: number;
}

/**
 * A classification data set over sources that are read as they are used: x float32 [batch, ...inputShape], y int32 [batch].
 *
 * Holds labels and orders (8 to 12 bytes an example) and the batches that {@link streamPart} states; the values of the examples stay
 * where the source has them. Only train is augmented, and only where it is shuffled.
 *
 * @throws FlatminError DATA_INVALID for labels that are no class, and where more examples are asked for than there are.
 */
export function exampleDataSet(
  options: ExampleDataSetOptions,
): ClassificationDataSet & { readonly task: 'classification' } {
  const { id, inputShape, classes, classNames, choice = {}, others } = options;
  checkClasses(classes);
  for (const source of [options.train, options.test, options.validation]) {
    if (source !== undefined) checkSource(source, classes);
  }
  const parts = noisyParts(splitExamples(options), classes, choice);
  return {
    id,
    task: 'classification',
    inputShape,
    classes,
    ...(classNames && { classNames }),
    train: examplePart(parts.train, options, true),
    validation: examplePart(parts.validation, options, false),
    test: examplePart(parts.test, options, false),
    ...(others && { unlabelled: async (place: string) => unlabelled(await others(place), options) }),
  };
}

function unlabelled(source: OtherRecords<RawValues>, options: ExampleDataSetOptions): UnlabelledExamples {
  return inputsOnly(source, examplePart({ ...source, labels: new Int32Array(source.size) }, options, false));
}

function checkSource({ size, labels }: ExampleSource, classes: number): void {
  if (labels.length !== size) refuse(`there are ${labels.length} labels for ${size} examples`, 'Give one for each.');
  checkLabels(labels, classes);
}

const asTheyAre: Prepare = (values) =>
  Float32Array.from(values, values.BYTES_PER_ELEMENT === 1 ? (v) => v / 255 : undefined);

function examplePart(source: ExampleSource, options: ExampleDataSetOptions, augment: boolean): DataPart {
  const { inputShape, prepare = asTheyAre, prefetch = 2 } = options;
  const length = rowLength(inputShape);
  return streamPart({
    source,
    prefetch,
    assemble: (records, indices, random) => {
      const x = new Float32Array(records.length * length);
      const augmentation = augment ? random?.at('augment') : undefined;
      records.forEach((values, i) => {
        if (values.length !== length) {
          refuse(
            `example ${show(indices[i])} has ${values.length} values, shape ${show(inputShape)} ${length}`,
            'Resize it.',
          );
        }
        x.set(prepare(values, augmentation?.at(indices[i] as number)), i * length);
      });
      const y = Int32Array.from(indices, (index) => source.labels[index] as number);
      return { x: { values: x, shape: [records.length, ...inputShape] }, y: { values: y, shape: [records.length] } };
    },
  });
}
