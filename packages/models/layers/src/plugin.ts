import { FlatminError } from '@flatmin/core';
import { definePlugin, type Model, type ModelContext } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import type { HeadOptions } from './saved/head.js';
import { type SavedModel, savedModel } from './saved/savedModel.js';

const schema = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe(
      'model.json of a saved tf.LayersModel: a path relative to the folder of the config, a file of an installed package (some-trunk/model.json), or a URL.',
    ),
  freeze: z
    .array(z.string().min(1))
    .default([])
    .describe('Names of layers that are not trained; "block1_*" means all layers whose names begin with block1_.'),
  head: z
    .strictObject({
      after: z.string().min(1).optional().describe('the layer whose output the new layer takes'),
      classes: z.int().min(1).optional().describe('number of classes; must match the data'),
      dropout: z.number().min(0).lt(1).optional().describe('rate of dropout before it'),
    })
    .optional()
    .describe('A new last layer in place of the one in the file, with as many outputs as the data needs; {} is one.'),
});

export interface LayersOptions {
  /** The path (in code from the working directory) or URL of model.json. */
  readonly path: string;
  /** Layers that are not trained, by name, or by the beginning of names and a star; default none. */
  readonly freeze?: readonly string[] | undefined;
  /** A new last layer in place of the one in the file. */
  readonly head?: HeadOptions | undefined;
}

/**
 * A saved `tf.LayersModel` of one input and one output, for classification and regression: as TF.js saves it, or
 * converted from Keras.
 *
 * `apply` takes x [batch, ...inputShape] and gives logits float32 [batch, classes], or numbers [batch, 1]. A softmax at
 * the end of the file, or a sigmoid of one unit for two classes, is removed, because the loss contains it, and is
 * restored in `artifacts`. Layers that are frozen, by the file or by `freeze`, are not trained, and their batch
 * normalizations use their saved averages and do not move them. Dropout draws its masks as `dropoutLayer` does. L2 and
 * L1 penalties of layers are part of the training loss. A file without weights starts at weights that the seed
 * determines.
 *
 * @param options the file, the layers to freeze, and a new head in place of the last layer.
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID for files that are missing or broken; DATA_INVALID if
 *   shapes, classes or the last activation do not fit the data; SPEC_INVALID for a layer that does not exist, and if
 *   all layers are frozen.
 * @example
 * ```ts fragment
 * const options = { path: 'trunk/model.json', freeze: ['conv*'], head: {} };
 * const model = await layersModel(options, { inputShape, classes, random });
 * ```
 */
export async function layersModel(options: LayersOptions, context: ModelContext): Promise<Model> {
  return savedModel(await readSaved(options.path), options, context);
}

async function readSaved(path: string): Promise<SavedModel> {
  const name = path.split(/[/\\]/).at(-1) ?? path;
  if (/^[a-z]{2,}:\/\//i.test(path)) {
    const [handler] = tf.io.getLoadHandlers(path);
    if (handler?.load === undefined) {
      throw new FlatminError(
        'DATA_FILE_MISSING',
        `TensorFlow.js has no way to read ${path}. Give a file, or a URL with https://.`,
      );
    }
    const { modelTopology, weightSpecs, weightData, format } = await handler.load();
    const weights = weightSpecs && weightData && { specs: weightSpecs, data: weightData };
    return { name, content: { format, modelTopology }, weights };
  }
  // Loaded when used, and another module in a page: the rest of the package runs where there are no files.
  // eslint-disable-next-line @nx/enforce-module-boundaries -- a relative path would be the same module in a page.
  const { readModelFile } = await import('#modelFile');
  return { name, ...(await readModelFile(path)) };
}

/** The plugin: `{ use: 'layers', path: 'model.json', freeze: ['conv*'], head: {} }`. Made by `container.loadModel`. */
export const layersPlugin = definePlugin({
  kind: 'model',
  id: 'layers',
  apiVersion: 1,
  description: 'Your own tf.LayersModel, saved by TensorFlow.js or converted from Keras.',
  options: schema,
  paths: ['path'],
  example: { options: { path: './model.json' } },
  create: () => {
    throw new FlatminError(
      'RUN_INVALID',
      'the model layers is read from files. Make it with await container.loadModel(spec, context).',
    );
  },
  load: (options, context) => layersModel(options, context),
});
