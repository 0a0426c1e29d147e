export { arrayDataSet, arrayPart, type ArrayDataSet, type ArrayPart } from './arrayPart.js';
export { labelNoise, labelNoiseKinds, noisySplit, type LabelNoise, type LabelNoiseKind } from './labelNoise.js';
export { splitBySeed, type Seed, type SplitOptions, type TableSplit } from './split.js';
export { officialDataSet, splitSchema, type SplitChoice } from './splitSchema.js';
export { selectRows, table, type Table } from './table.js';
