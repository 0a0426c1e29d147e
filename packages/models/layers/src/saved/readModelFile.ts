import { FlatminError } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** More than any topology has, and than should be parsed at once. */
const mostTopologyBytes = 2 ** 28;

interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly tf.io.WeightsManifestEntry[];
}

/** What the files of a saved model hold. */
export interface ModelFile {
  /** The parsed model.json. */
  readonly content: unknown;
  readonly text: string;
  /** Absent where the file is a topology alone. */
  readonly weights?: { readonly specs: tf.io.WeightsManifestEntry[]; readonly data: ArrayBuffer };
}

/**
 * Reads a saved `tf.LayersModel`: model.json, and the files of weights that it names, which lie in its folder or below
 * it.
 *
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID, by the file's name.
 */
export async function readModelFile(file: string): Promise<ModelFile> {
  const { size } = await stat(file).catch((error: unknown) => missing(file, error));
  if (size > mostTopologyBytes)
    invalid(file, `it has ${size} bytes, and a model.json has at most ${mostTopologyBytes}`);
  const text = await readFile(file, 'utf8').catch((error: unknown) => missing(file, error));
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return invalid(file, `it is not JSON: ${(error as Error).message}`, error);
  }
  const { weightsManifest } = (content ?? {}) as { weightsManifest?: unknown };
  if (weightsManifest === undefined || weightsManifest === null) return { content, text };
  if (!isManifest(weightsManifest)) return invalid(file, 'its weightsManifest is not valid');
  return { content, text, weights: await readWeights(file, weightsManifest) };
}

async function readWeights(file: string, groups: readonly WeightGroup[]): Promise<NonNullable<ModelFile['weights']>> {
  const specs = groups.flatMap(({ weights }) => [...weights]);
  const chunks: Uint8Array[] = [];
  for (const name of groups.flatMap(({ paths }) => paths)) chunks.push(await readInside(file, name));
  const bytes = Buffer.concat(chunks);
  const expected = specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  if (expected !== bytes.byteLength) {
    invalid(file, `its weight files have ${bytes.byteLength} bytes, and it describes weights of ${expected}`);
  }
  return { specs, data: Uint8Array.from(bytes).buffer };
}

/** A file of weights; never one outside the folder of the model. */
async function readInside(file: string, name: string): Promise<Uint8Array> {
  const folder = await realpath(path.dirname(file));
  const wanted = path.resolve(folder, name);
  const real = await realpath(wanted).catch((error: unknown) => missing(wanted, error));
  const way = path.relative(folder, real);
  if (way.startsWith('..') || path.isAbsolute(way)) {
    invalid(file, `it names weights outside its folder, ${JSON.stringify(name)}`);
  }
  return readFile(real);
}

const bytesPerValue: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

function bytesOf({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  return shape.reduce((product, side) => product * side, 1) * (bytesPerValue[quantization?.dtype ?? dtype] ?? NaN);
}

function isManifest(value: unknown): value is readonly WeightGroup[] {
  const isGroup = ({ paths, weights }: Partial<WeightGroup>): boolean =>
    Array.isArray(paths) && paths.every((name) => typeof name === 'string') && Array.isArray(weights);
  return Array.isArray(value) && value.every((group) => isGroup((group ?? {}) as Partial<WeightGroup>));
}

function missing(file: string, cause: unknown): never {
  const { code = 'unknown' } = cause as { readonly code?: string };
  throw new FlatminError(
    'DATA_FILE_MISSING',
    `${file} cannot be read (${code}). Give the model.json that model.save() of TensorFlow.js wrote, as path.`,
    { cause },
  );
}

function invalid(file: string, what: string, cause?: unknown): never {
  throw new FlatminError(
    'DATA_FILE_INVALID',
    `${file}: ${what}. Save the model again, with model.save() of TensorFlow.js.`,
    {
      cause,
    },
  );
}
