import { loadBackend } from '@flatmin/backend';
import { FlatminError } from '@flatmin/core';
import { type DataSet, taskOf, type UnlabelledExamples } from '@flatmin/core/plugin';
import type { PartName } from '@flatmin/training';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { oneSeed, openRun, trainedSeed } from '@flatmin/experiments/internal';
import type { Distribution } from '@flatmin/experiments';
import { terminalText, warn } from '@flatmin/experiments/terminal';
import type { AfterwardsOptions } from './evaluateCommand.js';
import { type PredictionFormat, predictionLines } from './predictionLines.js';
import { classNamesOf, examplesOfPart, predictions } from './predictions.js';

export interface PredictCommandOptions extends AfterwardsOptions {
  /** A part of the run's own data, in place of other files. */
  readonly part?: PartName;
  readonly out?: string;
  readonly format?: PredictionFormat;
}

/** Lets a trained model predict from files of the kind of its data, and writes what it says, a line an example. */
export async function predictCommand(
  directory: string,
  data: string | undefined,
  options: PredictCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const { part, out, format = out?.endsWith('.jsonl') ? 'jsonl' : 'csv' } = options;
  if ((data === undefined) === (part === undefined)) {
    throw new FlatminError(
      'RUN_INVALID',
      'give either a file or a folder to predict from, or a --part of the data of the run.',
    );
  }
  const run = await openRun(directory, options, distribution);
  await loadBackend(run.config.backend);
  const trained = await trainedSeed(run, oneSeed(run, options.seed), options.weights);
  try {
    const { dataset, model, seed, which, step } = trained;
    const examples = part === undefined ? await examplesOf(dataset, data as string) : examplesOfPart(dataset, part);
    warn(`${examples.size} examples, seed ${seed}, ${which} weights of step ${step}`);
    const names = taskOf(dataset) === 'classification' ? classNamesOf(dataset) : undefined;
    const all = predictions(model, dataset, examples, run.config.evaluate?.batchSize ?? 500);
    await write(predictionLines(all, format, names), out);
  } finally {
    trained.dispose();
  }
}

function examplesOf(dataset: DataSet, place: string): Promise<UnlabelledExamples> {
  if (dataset.unlabelled !== undefined) return dataset.unlabelled(place);
  throw new FlatminError(
    'RUN_INVALID',
    `the data set ${dataset.id} cannot read other files. Predict from one of its parts, such as --part test, or export the model: flatmin export.`,
  );
}

/** Names of classes come from files: a terminal gets them without what it would obey. */
async function* shown(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield terminalText(line);
}

/** To a file that is not there yet, or to standard output, which gets every character unless it is a terminal. */
async function write(lines: AsyncIterable<string>, out: string | undefined): Promise<void> {
  if (out === undefined) {
    const said = process.stdout.isTTY ? shown(lines) : lines;
    await pipeline(said, process.stdout, { end: false }).catch((error: unknown) => {
      // Whoever reads has enough, as `head` does.
      if ((error as { code?: unknown }).code !== 'EPIPE') throw error;
    });
    return;
  }
  const file = createWriteStream(out, { flags: 'wx' });
  let opened = false;
  file.once('open', () => (opened = true));
  try {
    await pipeline(lines, file);
  } catch (error) {
    if (opened) await rm(out);
    const { code } = error as { readonly code?: string };
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
    const what =
      code === 'EEXIST'
        ? 'already exists, and existing files are never overwritten'
        : 'is in a folder that does not exist';
    throw new FlatminError('RUN_INVALID', `${out} ${what}. Give another --out.`, { cause: error });
  }
}
