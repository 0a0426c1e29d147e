import { loadBackend } from '@flatmin/backend';
import { FlatminError } from '@flatmin/core';
import { type DataSet, type Model, taskOf } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  oneSeed,
  openRun,
  type OpenedRun,
  relocated,
  ResultsDirectory,
  type TrainedSeed,
  trainedSeed,
  withPathsTo,
} from '@flatmin/experiments/internal';
import type { Distribution } from '@flatmin/experiments';
import type { AfterwardsOptions } from './evaluateCommand.js';
import { loaderText } from './loaderText.js';
import { classNamesOf } from './predictions.js';

export interface ExportCommandOptions extends AfterwardsOptions {
  readonly to: string;
}

/** Files of an export by name. */
type Files = Readonly<Record<string, string | Uint8Array>>;

/**
 * Writes a trained model for use without the run: as TF.js saves it where it is a tf.LayersModel, else its weights and
 * a loader.
 */
export async function exportCommand(
  directory: string,
  options: ExportCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const { to } = options;
  await requireEmpty(to);
  const run = await openRun(directory, options, distribution);
  await loadBackend(run.config.backend);
  const trained = await trainedSeed(run, oneSeed(run, options.seed), options.weights);
  try {
    const artifacts = await trained.model.artifacts?.();
    const files =
      artifacts === undefined
        ? await filesOfWeights(run, trained, { to, version: distribution.version })
        : filesOfLayersModel(trained, artifacts);
    await writeAll(to, files);
    const what = artifacts === undefined ? 'weights and load.mjs' : 'a tf.LayersModel';
    process.stdout.write(`${to}: ${what}, seed ${trained.seed}, ${trained.which} weights of step ${trained.step}\n`);
  } finally {
    trained.dispose();
  }
}

/** What is known of a model besides its weights: what its outputs mean, and where it comes from. */
function manifestOf({ seed, dataset, which, step }: TrainedSeed) {
  const isClassification = taskOf(dataset) === 'classification';
  return {
    format: 'flatmin export 1',
    task: taskOf(dataset),
    inputShape: dataset.inputShape,
    classes: dataset.classes,
    ...(isClassification && { classNames: classNamesOf(dataset) }),
    ...('targetScale' in dataset && { targetScale: dataset.targetScale }),
    ...tokensOf(dataset),
    trainedOn: dataset.id,
    seed,
    selected: { weights: which, step },
  };
}

function tokensOf(dataset: DataSet) {
  return {
    ...(dataset.vocabulary && { tokens: dataset.vocabulary.tokens }),
    ...('targetVocabulary' in dataset && { targetTokens: dataset.targetVocabulary.tokens }),
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function filesOfLayersModel(trained: TrainedSeed, artifacts: tf.io.ModelArtifacts): Files {
  const { weightSpecs = [], weightData = new ArrayBuffer(0), modelTopology, generatedBy } = artifacts;
  const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  return {
    'weights.bin': Buffer.concat([weightData].flat().map((part) => new Uint8Array(part))),
    'flatmin.json': json(manifestOf(trained)),
    'model.json': json({
      format: 'layers-model',
      generatedBy,
      convertedBy: 'flatmin export',
      modelTopology,
      weightsManifest,
    }),
  };
}

async function filesOfWeights(
  { config, container, directory }: OpenedRun,
  trained: TrainedSeed,
  { to, version }: { readonly to: string; readonly version: string },
): Promise<Files> {
  const { bytes, weights } = await weightsOf(trained.model);
  const from = path.dirname(ResultsDirectory.configOf(directory));
  const plugins = (config.plugins ?? []).map((name) => relocated({ name, from }, to));
  const packages = plugins.filter((name) => !name.startsWith('.')).map((name) => [name, '*'] as const);
  return {
    'weights.bin': bytes,
    'flatmin.json': json({ ...manifestOf(trained), model: withPathsTo(config.model, container, to), weights }),
    'package.json': json({
      private: true,
      type: 'module',
      dependencies: { flatmin: `^${version}`, '@tensorflow/tfjs': '^4.22.0', ...Object.fromEntries(packages) },
    }),
    'load.mjs': loaderText(plugins),
  };
}

async function weightsOf({ variables }: Pick<Model<tf.Tensor>, 'variables'>) {
  const parts: Uint8Array[] = [];
  const weights: { name: string; shape: number[]; dtype: string; offset: number }[] = [];
  let offset = 0;
  for (const variable of variables) {
    const values = await variable.data();
    const { name, shape, dtype } = variable;
    const typed = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[
      dtype as 'float32' | 'int32' | 'bool'
    ].from(values);
    parts.push(new Uint8Array(typed.buffer));
    weights.push({ name, shape, dtype, offset });
    offset += typed.byteLength;
  }
  return { bytes: Buffer.concat(parts), weights };
}

/** @throws FlatminError RUN_INVALID for a folder that holds something: nothing is written over. */
async function requireEmpty(to: string): Promise<void> {
  const names = await readdir(to).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return [];
    throw notAFolder(to, 'is not a folder that can be read', error);
  });
  if (names.length > 0) throw notAFolder(to, 'holds files, and existing files are never overwritten');
}

function notAFolder(to: string, what: string, cause?: unknown): FlatminError {
  return new FlatminError('RUN_INVALID', `${to} ${what}. Give --to a folder that is empty or does not exist yet.`, {
    cause,
  });
}

/** All files, or none. */
async function writeAll(to: string, files: Files): Promise<void> {
  await mkdir(to, { recursive: true });
  const written: string[] = [];
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(to, name);
      await writeFile(file, content, { flag: 'wx' });
      written.push(file);
    }
  } catch (error) {
    for (const file of written) await rm(file);
    throw notAFolder(to, `could not be written: ${(error as Error).message}`, error);
  }
}
