import { FlatminError } from '@flatmin/core';
import { type Model, type ModelContext, show, sumOf } from '@flatmin/core/plugin';
import { checkContext } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { declareAverages } from '../averages.js';
import { convertDropout } from '../convertDropout.js';
import { isStateful } from '../recurrentState.js';
import { rolesOfModel } from '../roles.js';
import { trainedModel } from '../trainedModel.js';
import { artifactsOf } from './artifacts.js';
import { freeze, holdFrozen } from './freeze.js';
import { type HeadOptions, withHead } from './head.js';
import { logitsOf, type Outputs, outputsOfHead, outputsOfNewHead, requireLogits } from './outputs.js';
import { configsIn, noisyLayer, seedInitializers, type Topology, topologyOf } from './topology.js';

/** A saved model, read: its topology, and its weights where it has some. */
export interface SavedModel {
  /** Names it in errors. */
  readonly name: string;
  /** What model.json holds. */
  readonly content: unknown;
  readonly weights?: { readonly specs: tf.io.WeightsManifestEntry[]; readonly data: tf.io.WeightData } | undefined;
}

export interface SavedModelOptions {
  readonly freeze?: readonly string[] | undefined;
  readonly head?: HeadOptions | undefined;
}

/**
 * A saved `tf.LayersModel` as flatmin trains it: its outputs are logits, whatever its last activation is, so that the
 * loss is the cross-entropy of the probabilities that it gives.
 *
 * @throws FlatminError DATA_FILE_INVALID where it cannot be made, DATA_INVALID where it does not fit the data,
 *   SPEC_INVALID for options.
 */
export async function savedModel(
  saved: SavedModel,
  { freeze: frozen = [], head }: SavedModelOptions,
  context: ModelContext,
): Promise<Model> {
  checkContext('layers', context);
  const topology = topologyOf(saved.content, saved.name);
  const print = await fingerprint(topology);
  refuseNoise(topology, saved.name);
  const outputs = head === undefined ? outputsOfHead(topology, context, saved.name) : outputsOfNewHead(head, context);
  if (saved.weights === undefined) seedInitializers(topology, context.random.at('layers'));
  const loaded = await instantiate(topology, saved);
  const made: LayersModel[] = [loaded];
  try {
    freeze(loaded, frozen);
    const model = head === undefined ? loaded : withHead(loaded, head, context.classes, context.random);
    made.push(model);
    convertDropout(model);
    declareAverages(model);
    holdFrozen(model);
    requireFit(model, outputs, context, saved.name);
    await requireLogits(model, outputs, context, saved.name);
    disposeVariables(loaded.weights.filter((weight) => !model.weights.includes(weight)));
    return asModel(
      model,
      outputs,
      `layers ${saved.name} (${print}${frozen.length > 0 ? `, frozen ${frozen.join(' ')}` : ''})`,
    );
  } catch (error) {
    for (const { weights } of made) disposeVariables(weights);
    throw error;
  }
}

function asModel(model: LayersModel, outputs: Outputs, description: string): Model {
  const trained = trainedModel(model);
  const variables = model.weights.map((weight) => weight.read() as tf.Variable);
  const example = (model.inputs[0] as { shape: (number | null)[] }).shape.slice(1);
  const { dtype } = model.inputs[0] as { dtype: tf.DataType };
  const penalized = tf.tidy(() => trained.calculateLosses().length > 0);
  return {
    description,
    variables,
    roles: rolesOfModel(model),
    apply: (x, { training = false } = {}) => {
      if (!fits(x.shape.slice(1), example)) {
        throw new FlatminError(
          'DATA_INVALID',
          `the layers model was made for examples of shape ${show(example)}, x has shape ${show(x.shape)}. Pass x as [batch, ...inputShape].`,
        );
      }
      return tf.tidy(() => logitsOf(trained.apply(tf.cast(x, dtype), { training }) as tf.Tensor2D, outputs));
    },
    ...(penalized && {
      regularizer: () => tf.tidy(() => sumOf(trained.calculateLosses())),
    }),
    artifacts: () => artifactsOf(model, outputs),
    dispose: () => disposeVariables(model.weights),
  };
}

/** The same for equal topologies: a run that goes on, or is evaluated, needs that of the run that was begun. */
async function fingerprint(topology: Topology): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(topology));
  const digest = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
  return [...digest.slice(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function refuseNoise(topology: Topology, file: string): void {
  const noisy = noisyLayer(topology);
  if (noisy === undefined) return;
  throw new FlatminError(
    'DATA_FILE_INVALID',
    `${file}: the layer ${noisy} draws again in each pass, and the gradients of a step must belong to one function. Save the model with Dropout instead, or without it.`,
  );
}

async function instantiate(topology: Topology, { name, weights }: SavedModel): Promise<LayersModel> {
  const artifacts: tf.io.ModelArtifacts = {
    modelTopology: topology,
    ...(weights && { weightSpecs: weights.specs, weightData: weights.data }),
  };
  try {
    return await loadLayersModel({ load: () => Promise.resolve(artifacts) });
  } catch (error) {
    throw new FlatminError(
      'DATA_FILE_INVALID',
      `${name}: TensorFlow.js cannot make a model from it: ${(error as Error).message.replace(/\.$/, '')}. Save it again, and import the package ` +
        'of any layer that is not part of TensorFlow.js.',
      { cause: error },
    );
  }
}

const fits = (shape: readonly number[], expected: readonly (number | null)[]): boolean =>
  shape.length === expected.length && expected.every((side, i) => side === null || side === shape[i]);

/** Holds the shapes of a model against those of the data. */
function requireFit(model: LayersModel, outputs: Outputs, context: ModelContext, file: string): void {
  const refuse = (what: string, remedy: string): never => {
    throw new FlatminError('DATA_INVALID', `${file}: ${what}. ${remedy}`);
  };
  const { inputShape, classes, vocabulary, task } = context;
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    refuse(
      `it has ${model.inputs.length} inputs and ${model.outputs.length} outputs`,
      'Give a model with one of each.',
    );
  }
  if (isStateful(model))
    refuse('it has stateful recurrent layers, whose states continue from batch to batch', 'Save it without.');
  const taken = (model.inputs[0] as { shape: (number | null)[] }).shape.slice(1);
  if (!fits(inputShape, taken)) {
    refuse(
      `it takes examples of shape ${show(taken)}, and those of the data have ${show(inputShape)}`,
      'Change the options of the data set, or the model.',
    );
  }
  const given = (model.outputs[0] as { shape: (number | null)[] }).shape.slice(1);
  const wanted = [outputs === 'probability' ? 1 : classes];
  if (show(given) !== show(wanted)) {
    const what = task === 'regression' ? 'regression needs [1]' : `the data has ${classes} classes`;
    refuse(`its outputs have shape ${show(given)} per example, and ${what}`, 'Replace its last layer: "head": {}.');
  }
  const [embedding] = [...configsOfEmbeddings(model)];
  if (vocabulary !== undefined && embedding !== undefined && embedding < vocabulary.size) {
    refuse(
      `its embedding has ${embedding} rows, and the vocabulary of the data has ${vocabulary.size} ids`,
      'Set vocabularySize of the data set.',
    );
  }
  if (!model.weights.some((weight) => (weight.read() as tf.Variable).trainable)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `${file}: every layer is frozen, so nothing is left to train. Remove a layer from freeze, or give "head": {}.`,
    );
  }
}

function* configsOfEmbeddings(model: LayersModel): Generator<number> {
  const topology = model.toJSON(null, false) as unknown as Topology;
  for (const { class_name: kind, config } of configsIn(topology)) {
    if (kind === 'Embedding') yield Number(config['input_dim']);
  }
}

function disposeVariables(weights: LayersModel['weights']): void {
  for (const weight of weights) {
    const variable = (weight as unknown as { val: tf.Variable }).val;
    if (!variable.isDisposed) variable.dispose();
  }
}
