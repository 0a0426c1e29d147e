export { arrayDataSet, arrayPart, type ArrayDataSet, type ArrayPart } from './dataset/tableDataSet.js';
export { encodedPart, type Encoding, recordsOf } from './stream/encodedPart.js';
export { exampleDataSet, type ExampleDataSetOptions, type ExampleSource } from './dataset/exampleDataSet.js';
export {
  augmentationsOf,
  augmentSchema,
  cutout,
  horizontalFlip,
  randomCrop,
  type AugmentChoice,
  type Augmentation,
  type ImageShape,
} from './image/augment.js';
export { type ImageChoice, type ImageForm, imageInput, imageSchema, memoryOf } from './image/imageSchema.js';
export {
  normalizationOf,
  normalizations,
  normalizeSchema,
  type Normalization,
  type NormalizationName,
  type NormalizeChoice,
} from './image/normalization.js';
export { imagePipeline, type Prepare, type RawValues } from './image/pipeline.js';
export {
  labelNoise,
  labelNoiseKinds,
  noisySplit,
  partNoise,
  type LabelNoise,
  type LabelNoiseKind,
} from './split/labelNoise.js';
export { randAugment } from './image/randAugment.js';
export { Moments } from './split/moments.js';
export { type NamedPart, partOfName } from './split/partNames.js';
export { prefetch } from './stream/prefetch.js';
export { shuffleBuffer } from './stream/shuffleBuffer.js';
export {
  arraySource,
  mapRecords,
  selectRecords,
  type RecordReader,
  type RecordSource,
  type SequentialSource,
} from './source/source.js';
export { splitBySeed, splitRows, type RowSplit, type Seed, type SplitOptions, type TableSplit } from './split/splitRows.js';
export {
  type LabelledSource,
  type Labels,
  noisyParts,
  type PartName,
  type Parts,
  selectExamples,
  splitExamples,
  type SplitExamplesOptions,
} from './split/splitExamples.js';
export { noiseOf, officialDataSet, sizeSchema, splitSchema, type SizeChoice, type SplitChoice } from './split/splitSchema.js';
export { streamPart, type BatchValues, type StreamPartOptions, type TensorValues } from './stream/streamPart.js';
export { selectRows, table, type Table } from './source/table.js';
export { type RegressionChoice, regressionSchema, standardizedTargets } from './split/targets.js';
export { bagOfWords, type BagOfWords, type BagWeight, bagWeights } from './text/bagOfWords.js';
export { languageDataSet, type LanguageDataSetOptions, windowLength } from './text/languageDataSet.js';
export { sequencePairDataSet, type SequencePairOptions, type TokenPair } from './text/sequencePairDataSet.js';
export {
  type DataColumn,
  labelledDataSet,
  type LabelledDataSet,
  type NamedFeatures,
  textDataSet,
  type TextDataSetOptions,
  textEncoding,
  type TextTarget,
  type Texts,
} from './text/textDataSet.js';
export {
  type PairChoice,
  pairSchema,
  type TextChoice,
  textDefaults,
  textSchema,
  type VocabularyChoice,
  vocabularySchema,
} from './text/textSchema.js';
export { spaced, words } from './text/words.js';
export { inputsOnly, type OpenOthers, type OtherRecords, unlabelledExamples } from './dataset/unlabelled.js';
export { countTokens, vocabulary, type VocabularyOptions, vocabularyOfCounts } from './text/vocabulary.js';
