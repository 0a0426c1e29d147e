import { type ClassificationDataSet, type DataPart, show } from '@flatmin/core';
import { partNoise } from './labelNoise.js';
import { type RecordSource, selectRecords } from './source.js';
import { splitRows, streamOf } from './split.js';
import { noiseOf, type SizeChoice, type SplitChoice, splitDefaults } from './splitSchema.js';
import { streamPart } from './streamPart.js';
import { checkClasses, checkLabels, refuse, rowLength } from './table.js';
import type { Prepare, RawValues } from './image/pipeline.js';

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
  /** The official training examples, of which validation is held out by seed. */
  readonly train: ExampleSource;
  readonly test: ExampleSource;
  /** The official validation examples, where there are some: then none is held out of train. */
  readonly validation?: ExampleSource;
  readonly choice?: SplitChoice & SizeChoice;
  /** Turns raw values into those of x; augments where it gets a stream. Default: as they are, bytes over 255. */
  readonly prepare?: Prepare;
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
  const { id, inputShape, classes, classNames, choice = {} } = options;
  checkClasses(classes);
  for (const source of [options.train, options.test, options.validation]) {
    if (source !== undefined) checkSource(source, classes);
  }
  const parts = splitExamples(options);
  const seed = choice.seed ?? splitDefaults.seed;
  const withNoise = (part: 'train' | 'validation'): ExampleSource => {
    if (choice.labelNoise === undefined) return parts[part];
    const noise = { ...noiseOf(choice.labelNoise, seed), classes };
    return { ...parts[part], labels: partNoise(part, parts[part].labels, noise) };
  };
  return {
    id,
    task: 'classification',
    inputShape,
    classes,
    ...(classNames && { classNames }),
    train: examplePart(withNoise('train'), options, true),
    validation: examplePart(withNoise('validation'), options, false),
    test: examplePart(parts.test, options, false),
  };
}

type Parts = Readonly<Record<'train' | 'validation' | 'test', ExampleSource>>;

/** Draws from the two ends of one order, so that a smaller train part is a part of a larger one at the same seed. */
function splitExamples({ train, test, validation: official, choice = {} }: ExampleDataSetOptions): Parts {
  const { validation: fraction = splitDefaults.validation, seed = splitDefaults.seed } = choice;
  const share = official === undefined ? fraction : 0;
  const rows = splitRows(train.size, { validation: share, seed });
  const { train: asked = rows.train.length } = choice;
  if (asked > rows.train.length) {
    refuse(
      `${asked} training examples were asked for, there are ${train.size}, of which ${rows.validation.length} are for validation`,
      `Ask for at most ${rows.train.length}.`,
    );
  }
  const heldOut = Math.min(rows.validation.length, Math.round((asked * share) / (1 - share)));
  return {
    train: selectExamples(train, rows.train.subarray(rows.train.length - asked)),
    validation: official ?? selectExamples(train, rows.validation.subarray(0, heldOut)),
    test: choice.test === undefined ? test : sample(test, choice.test, seed),
  };
}

function sample(test: ExampleSource, asked: number, seed: number): ExampleSource {
  if (asked > test.size) refuse(`${asked} test examples were asked for, there are ${test.size}`, 'Ask for fewer.');
  return selectExamples(test, streamOf(seed).at('test').permutation(test.size).subarray(0, asked));
}

function selectExamples(source: ExampleSource, rows: Uint32Array): ExampleSource {
  return { ...selectRecords(source, rows), labels: Int32Array.from(rows, (row) => source.labels[row] as number) };
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
