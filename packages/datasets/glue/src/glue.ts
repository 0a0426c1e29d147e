import { FlatminError } from '@flatmin/core';
import { definePlugin } from '@flatmin/core/plugin';
import {
  type LabelledDataSet,
  type LabelledSource,
  type Labels,
  mapRecords,
  noisyParts,
  type Parts,
  type RecordSource,
  type RegressionChoice,
  regressionSchema,
  type SizeChoice,
  sizeSchema,
  type SplitChoice,
  splitExamples,
  splitSchema,
  type TextChoice,
  textDataSet,
  textSchema,
  words,
} from '@flatmin/data';
import * as z from 'zod';
import { glueScores } from './metrics.js';
import { detect, genres, type Genres, type GlueTask, type GlueTaskName, glueTaskNames, glueTasks } from './tasks.js';

const defaults = { genres: 'matched', lowerCase: true, memory: 2 ** 28 } as const;

const schema = z.strictObject({
  dir: z.string().min(1).describe('Folder of the task, or the folder of all tasks.'),
  task: z
    .enum(glueTaskNames as [GlueTaskName, ...GlueTaskName[]])
    .optional()
    .describe('The task; default: found by the columns of train.tsv.'),
  genres: z
    .enum(genres)
    .default(defaults.genres)
    .describe('Only for MNLI: test on the genres of train (matched) or on others (mismatched).'),
  lowerCase: z.boolean().default(defaults.lowerCase).describe('Converts text to lower case.'),
  ...textSchema,
  ...regressionSchema,
  ...splitSchema,
  ...sizeSchema,
  memory: z
    .int()
    .min(0)
    .default(defaults.memory)
    .describe('Size in bytes up to which a file is kept in memory; rows of a larger file are read as they are used.'),
});

export interface GlueOptions extends SplitChoice, SizeChoice, TextChoice, RegressionChoice {
  readonly dir: string;
  readonly task?: GlueTaskName | undefined;
  readonly genres?: Genres | undefined;
  readonly lowerCase?: boolean | undefined;
  readonly memory?: number | undefined;
}

/**
 * A task of GLUE (Wang et al. 2018): CoLA, SST-2, MRPC, QQP, STS-B, MNLI, QNLI, RTE or WNLI, from its downloaded files.
 *
 * x float32 [batch, sentences x words] (bags) or int32 [batch, length] (ids), see `textDataSet` of @flatmin/data; y
 * int32 [batch], and float32 [batch] for STS-B: its scores from 0 to 5, standardized by train unless
 * `standardizeTargets` is false; metrics are of 0 to 5. The official training rows are split into train and validation
 * by seed. Test is the official dev part, because GLUE does not publish the labels of its test part ({@link
 * glueTestTexts} reads its sentences).
 *
 * In memory: 16 bytes per row, the vocabulary, and each file of up to `memory` bytes. Every row is checked before the
 * first is used. For Node.js.
 *
 * @param options.dir folder of the task, or that of all with `options.task`.
 * @param options.genres of MNLI, `'matched'` (default) or `'mismatched'`.
 * @throws FlatminError DATA_FILE_MISSING if files are missing, DATA_FILE_INVALID if one is broken or of another task
 *   (file, offset, remedy), SPEC_INVALID for label noise with STS-B.
 * @example
 * ```ts
 * const data = await glue({ dir: 'glue_data', task: 'sst-2', encoding: 'ids', length: 64 });
 * ```
 * Source: https://gluebenchmark.com, arXiv:1804.07461.
 */
export async function glue(options: GlueOptions): Promise<LabelledDataSet> {
  const { folder, choice } = await openTask(options);
  const { readGlue } = await import('./readGlue.js');
  const layout: GlueTask = glueTasks[choice.task];
  const { labels, classNames = labels } = layout;
  if (labels === undefined && options.labelNoise) {
    throw new FlatminError('SPEC_INVALID', 'glue: STS-B has numbers, not classes. Leave out labelNoise.');
  }
  const { train, dev } = await readGlue(folder, choice);
  const parts = splitExamples({ train, test: dev, choice: options });
  const classes = classNames?.length ?? 1;
  const noisy = labels ? noisyParts(parts as Parts<LabelledSource<readonly string[]>>, classes, options) : parts;
  const { lowerCase = defaults.lowerCase } = options;
  const tokens = (source: LabelledSource<readonly string[], Labels>) => ({
    ...mapRecords(source, (texts) => texts.map((text) => words(text, { lowerCase }))),
    labels: source.labels,
  });
  return textDataSet({
    id: choice.task,
    target: classNames ? { classes, classNames } : 'regression',
    parts: { train: tokens(noisy.train), validation: tokens(noisy.validation), test: tokens(noisy.test) },
    choice: options,
    standardizeTargets: options.standardizeTargets ?? true,
    // Accuracy is reported of every classification.
    scores: layout.metrics.every((name) => name === 'accuracy')
      ? undefined
      : (answers, targets) => glueScores(choice.task, answers, targets),
  });
}

/**
 * The sentences of the official test part, in file order: what a submission needs predictions for.
 *
 * @throws FlatminError as {@link glue}.
 */
export async function glueTestTexts(
  options: Pick<GlueOptions, 'dir' | 'task' | 'genres' | 'memory'>,
): Promise<RecordSource<readonly string[]>> {
  const { folder, choice } = await openTask(options);
  const { readGlueTest } = await import('./readGlue.js');
  return readGlueTest(folder, choice);
}

async function openTask(options: Pick<GlueOptions, 'dir' | 'task' | 'genres' | 'memory'>) {
  // Loaded when used: the rest of the package runs where there are no files.
  const { openFolder } = await import('@flatmin/data/node');
  const { taskIn, taskPlace } = await import('./readGlue.js');
  const given = await openFolder(options.dir);
  const place = await taskPlace(given, options.task);
  // Listed first: a link that leads out of the folder is refused.
  if (place !== '.') await given.names(place);
  const folder = place === '.' ? given : await openFolder(`${options.dir}/${place}`);
  const { genres: which = defaults.genres, memory = defaults.memory } = options;
  return { folder, choice: { task: options.task ?? (await taskIn(folder)), genres: which, memory } };
}

/** The plugin: `{ use: 'glue', dir: 'glue_data', task: 'sst-2' }`. */
export const gluePlugin = definePlugin({
  kind: 'dataset',
  id: 'glue',
  apiVersion: 1,
  description: 'The nine GLUE tasks: sentences and pairs of sentences, classified or scored.',
  options: schema,
  detect,
  example: { options: { dir: 'data/CoLA' } },
  create: (options) => glue(options),
});
