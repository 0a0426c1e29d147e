// For the command and for processes that it starts: no promise to anybody else.
export { findRuns } from './catalog/findRuns.js';
export { type FlatRow, type FlatValue, columnsOfRows, flatRow } from './catalog/flatRow.js';
export { foundConfig } from './catalog/foundConfig.js';
export { resultsIn } from './catalog/resultsIn.js';
export { type Answer, queryRuns } from './catalog/queryRuns.js';
export { readRows, rowsOf } from './catalog/readRows.js';
export { type ComparisonRemoval, removeComparison, requireComparison } from './catalog/removeComparison.js';
export { type Removal, removeRun, requireRunFolder } from './catalog/removeRun.js';
export type { RunRow, RunStatus } from './catalog/runRow.js';
export { selectRows } from './catalog/selectRows.js';
export { cellDisplay, type CellDisplay, nameOfCell } from './compare/cellDisplay.js';
export { cellsToRun, compare, type CompareOptions, defaultJobs, type Shard } from './compare/compare.js';
export {
  type ComparisonFile,
  cellsFolder,
  comparisonDirectory,
  comparisonFile,
  readComparisonFile,
} from './compare/comparisonFile.js';
export { type OpenedComparison, openComparison, readComparison } from './compare/openComparison.js';
export { type PlannedComparison, planComparison } from './compare/planComparison.js';
export { type CellEvents, type CellRunner, type PlacedCell, runCells } from './compare/runCells.js';
export { type OpenedConfig, checkConfig, pluginsOf, readConfig, readJson } from './config/checkConfig.js';
export { withSettings } from './config/fields.js';
export { parseJson } from './config/parseJson.js';
export { compareConfigSchema } from './grid/compareConfig.js';
export { gridOf } from './grid/gridOf.js';
export { type RunConfig, runConfigSchema } from './config/runConfig.js';
export { withPathsTo } from './config/specPaths.js';
export { pluginsOfDistribution } from './plugins/distribution.js';
export { type PluginRequest, relocated } from './plugins/loadPlugin.js';
export { terminalLogger } from './plugins/logger.js';
export { namedHere, openContainer } from './plugins/openContainer.js';
export { type PluginTrust, pluginsOfRun } from './plugins/pluginsOfRun.js';
export { chartsOf } from './report/charts.js';
export type { Chart } from './report/chart.js';
export { type ChartFormat, drawChart } from './report/drawChart.js';
export { type ExportFormat, exportFormats, exportText } from './report/exports.js';
export { printComparison } from './report/printComparison.js';
export { QueueLink } from './queue/queueLink.js';
export { cancel, drain, type QueueStatus, statusOf } from './queue/queueState.js';
export { type RedisAddress, redisAddress, placeOf } from './queue/redisAddress.js';
export { folderStorage, redisStorage, type RunStorage } from './queue/runStorage.js';
export { type QueueOptions, throughQueue } from './queue/runThroughQueue.js';
export { serveQueue } from './queue/serveQueue.js';
export { type ReportText, writeComparisonReport } from './report/report.js';
export { textTables } from './report/textTable.js';
export { reportTraining } from './report/trainReport.js';
export { checkRun } from './run/checkRun.js';
export { dataAndModel } from './run/dataAndModel.js';
export { type Difference, differencesOf } from './run/differences.js';
export { dataPrint } from './run/dataPrint.js';
export type { Experiment } from './run/experiment.js';
export { type OpenedRun, type WhichWeights, openRun } from './run/openRun.js';
export { ResultsDirectory } from './run/resultsDirectory.js';
export { runExperiment } from './run/runExperiment.js';
export type { MetricsLine, RunRecord } from './run/runRecord.js';
export { requireExtension } from './run/sameSettings.js';
export { runSeeds } from './run/runSeeds.js';
export { type Comparison, compared } from './statistics/comparison.js';
export type { CellOutcome, CellStatus, GridResults } from './statistics/results.js';
export { leftOutTexts } from './statistics/rows.js';
export { runsAsGrid } from './statistics/runsAsGrid.js';
export { verdictOf } from './statistics/verdict.js';
