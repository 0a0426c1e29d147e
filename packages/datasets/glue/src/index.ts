export { glue, type GlueOptions, gluePlugin, gluePlugin as default, glueTestTexts } from './glue.js';
export { accuracy, f1, glueScores, matthews, pearson, spearman } from './metrics.js';
export { type Genres, type GlueTaskName, glueTaskNames, type MetricName } from './tasks.js';
export type { GlueSpecOptions } from './specOptions.js';
