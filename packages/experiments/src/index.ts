// What a comparison is.
export type { RunConfig } from './config/runConfig.js';
export type { Axis, AxisValue, Cell, Coordinate, Grid, Row, Selection, Task } from './grid/grid.js';
export type { Distribution } from './plugins/distribution.js';
export type { Judged, RadiusPoint, RunRecord } from './run/runRecord.js';
export type { CellOutcome, CellStatus, GridResults } from './statistics/results.js';

// What its runs say.
export {
  type ComparedRow,
  type ComparedTask,
  type Comparison,
  compared,
  type Cost,
  type Difference,
} from './statistics/comparison.js';
export type { Estimate, Interval } from './statistics/estimate.js';
export type { ResultName } from './statistics/judged.js';
export type { PairedTest } from './statistics/pairedTest.js';
export type { Choice, ChosenFrom, LeftOut } from './statistics/rowRuns.js';
export { verdictOf } from './statistics/verdict.js';

// How it is shown.
export type { Chart } from './report/chart.js';
export { chartsOf } from './report/charts.js';
export { type ChartFormat, drawChart } from './report/drawChart.js';
export { type ExportFormat, exportText } from './report/exports.js';
export { textTables } from './report/textTable.js';
export { compareConfig, type CompareConfigOptions } from './compare/compareConfig.js';
