// Where records come from.
export { type LabelledSource, type Labels, selectExamples } from './source/labelledSource.js';
export {
  arraySource,
  mapRecords,
  recordsOf,
  selectRecords,
  type RecordReader,
  type RecordSource,
  type SequentialSource,
} from './source/source.js';
export { table, type Table, type TableData } from './source/table.js';

// Which part an example is in, and what its label becomes there.
export { labelNoise, labelNoiseKinds, type LabelNoise, type LabelNoiseKind } from './split/labelNoise.js';
export { Moments } from './split/moments.js';
export { noisyParts } from './split/noisyParts.js';
export { partOfName, type PartName, type Parts } from './split/parts.js';
export type { Seed } from './split/seed.js';
export { splitExamples, type SplitExamplesOptions } from './split/splitExamples.js';
export { splitRows, type RowSplit } from './split/splitRows.js';
export { sizeSchema, splitSchema, type SizeChoice, type SplitChoice } from './split/splitSchema.js';
export { regressionSchema, standardizedTargets, type RegressionChoice } from './split/targets.js';

// Batches, made as they are used.
export { encodedPart, type EncodedExample, type EncodedPartOptions, type Encoding } from './stream/encodedPart.js';
export { prefetch } from './stream/prefetch.js';
export { shuffleBuffer } from './stream/shuffleBuffer.js';
export { streamPart, type BatchValues, type StreamPartOptions, type TensorValues } from './stream/streamPart.js';

// Images.
export type { Augmentation, ImageShape } from './image/augmentation.js';
export { augmentationsOf, augmentSchema, type AugmentChoice } from './image/augmentSchema.js';
export { cutout, horizontalFlip, randomCrop } from './image/cropFlipCutout.js';
export { imageInput, imageSchema, memoryOf, type ImageChoice, type ImageForm } from './image/imageSchema.js';
export {
  normalizationOf,
  normalizations,
  normalizeSchema,
  type Normalization,
  type NormalizationName,
  type NormalizeChoice,
} from './image/normalization.js';
export { imagePipeline, type Prepare, type RawValues } from './image/pipeline.js';
export { randAugment } from './image/randAugment.js';

// Data sets of examples with a label.
export { exampleDataSet, type ExampleDataSetOptions, type ExampleSource } from './dataset/exampleDataSet.js';
export {
  labelledDataSet,
  type DataColumn,
  type LabelledDataSet,
  type LabelledDataSetOptions,
  type LabelTarget,
  type NamedFeatures,
} from './dataset/labelledDataSet.js';
export { tableDataSet, type TableDataSetOptions } from './dataset/tableDataSet.js';
export { unlabelledExamples, type OpenOthers, type OtherRecords } from './dataset/unlabelled.js';

// Text.
export { bagOfWords, bagWeights, type BagOfWords, type BagWeight } from './text/bagOfWords.js';
export { languageDataSet, windowLength, type LanguageDataSetOptions } from './text/languageDataSet.js';
export { sequencePairDataSet, type SequencePairOptions, type TokenPair } from './text/sequencePairDataSet.js';
export { textDataSet, textEncoding, type TextDataSetOptions, type Texts } from './text/textDataSet.js';
export {
  pairSchema,
  textDefaults,
  textSchema,
  vocabularySchema,
  type PairChoice,
  type TextChoice,
  type VocabularyChoice,
} from './text/textSchema.js';
export { countTokens, vocabulary, vocabularyOfCounts, type VocabularyOptions } from './text/vocabulary.js';
export { spaced, words } from './text/words.js';
