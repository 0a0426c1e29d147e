import {
  type FlatminContainer,
  FlatminError,
  isFlatminError,
  type OptimizerContext,
  type OptimizerSpec,
  type SharpnessAwareOptimizer,
  type Spec,
  type UncheckedSpec,
} from '@flatmin/core';
import { type ParameterRole, type ParameterRoles, show } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers';
import { attach, type AttachOptions, heldOutLoss, isSharpnessAware } from './attach.js';
import type { ModelLoss } from './compiledLoss.js';
import { drawingLayers } from './convertDropout.js';
import { FitGraph } from './fitGraph.js';
import { stepBy } from './fitSteps.js';
import { checkReduction } from './outputLosses.js';
import { isStateful } from './recurrentState.js';
import { rolesOfModel } from './roles.js';
import { type TrainedModel, trainedModel } from './trainedModel.js';

/** @typeParam S the specs that it takes. */
export interface CompileOptions<S extends object = Spec> extends OptimizerContext, AttachOptions {
  /**
   * A sharpness-aware optimizer, or the spec of one, which needs `container` and gives an optimizer that belongs to the
   * model.
   */
  readonly optimizer: SharpnessAwareOptimizer | S;
  /** As in `model.compile`. */
  readonly loss: ModelLoss;
  /** As in `model.compile`. */
  readonly metrics?: ModelCompileArgs['metrics'] | undefined;
  /**
   * True runs steps as graphs on TensorFlow's native backend, up to three times as fast (@flatmin/graph); if that is
   * refused, as with `tf.layers.dropout` or recurrent states, one line says why, and they run eagerly. Graphs are
   * checked against the code at each epoch, `fit` and `trainOnBatch`, and after callbacks that see batches: the graph
   * follows what has changed by then, and one line says so.
   */
  readonly graph?: boolean | undefined;
  /** Has the plugins that a spec names. */
  readonly container?: Pick<FlatminContainer, 'createOptimizer'> | undefined;
}

function rolesGiven(parameters: OptimizerContext['parameters']): ParameterRoles {
  const byName = (list: readonly { readonly name: string; readonly role: ParameterRole }[]): ParameterRoles =>
    Object.fromEntries(list.map(({ name, role }) => [name, role]));
  return Array.isArray(parameters) ? byName(parameters) : { ...(parameters as ParameterRoles | undefined) };
}

function optimizerOfSpec(
  model: LayersModel,
  options: CompileOptions<object>,
  validationLoss: OptimizerContext['validationLoss'],
): SharpnessAwareOptimizer {
  const { optimizer, container, totalSteps, parameters } = options;
  if (typeof (optimizer as Partial<Spec> | undefined)?.use !== 'string') {
    throw new FlatminError(
      'SPEC_INVALID',
      `optimizer is ${show(optimizer)}. Give one of flatmin's, such as sam({ base: tf.train.sgd(0.1) }), or a spec such as ` +
        '{ use: "sam", base: { use: "sgd", learningRate: 0.1 } }; for a plain TF.js optimizer use model.compile.',
    );
  }
  if (container === undefined) {
    throw new FlatminError(
      'CONTAINER_MISSING',
      'a spec needs a container that knows its plugins. Add container: createContainer({ plugins: [...] }), or pass an optimizer.',
    );
  }
  const roles = { ...rolesOfModel(model), ...rolesGiven(parameters) };
  return container.createOptimizer(optimizer as Spec, { validationLoss, totalSteps, parameters: roles });
}

/** Runs `compile` of TF.js, which changes a model before it has looked at all that it was given. */
function orAsBefore(model: LayersModel, compileIt: () => void): void {
  const before = Object.getOwnPropertyDescriptors(model);
  try {
    compileIt();
  } catch (error) {
    for (const key of Object.keys(model))
      if (!(key in before)) delete (model as unknown as Record<string, unknown>)[key];
    Object.defineProperties(model, before);
    throw error instanceof Error && !isFlatminError(error) ? notCompiled(model, error) : error;
  }
}

function notCompiled({ name }: LayersModel, cause: Error): FlatminError {
  return new FlatminError(
    'LOSS_INVALID',
    `the model ${show(name)} cannot be compiled with this loss and these metrics: ${cause.message.replace(/\.$/, '')}. Correct them; the ` +
      'model is as before.',
    { cause },
  );
}

function checkUnused({ totalSteps, parameters }: CompileOptions<object>): void {
  const unused = Object.entries({ totalSteps, parameters }).filter(([, value]) => value !== undefined);
  if (unused.length === 0) return;
  throw new FlatminError(
    'SPEC_INVALID',
    `${unused.map(([name]) => name).join(' and ')} came with an existing optimizer. Give it when you create the optimizer.`,
  );
}

/**
 * Compiles a layers model for sharpness-aware training. Afterwards `fit`, `fitDataset`, `trainOnBatch`, `evaluate` and
 * `save` work as with a plain optimizer, and report the same things: the loss and metrics of the clean pass, once; the
 * moving averages of batch normalization move once a step; no tensor is left behind.
 *
 * Regularizers of layers are part of the loss, so every pass includes them. `tf.layers.dropout` draws a new mask in
 * each pass; `dropoutLayer`, and layers that `convertDropout` has converted, draw one in each step.
 *
 * @param options.optimizer an optimizer, which stays the caller's to dispose, or a spec: then `model.dispose()`
 *   disposes it.
 * @param options.validationLoss what LETS learns from; or `validationData: [x, y]`, evaluated with the loss compiled
 *   here.
 * @param options.parameters roles of parameters (specs only); they override {@link rolesOfModel}, which is the default.
 * @param options.totalSteps the steps of the run (specs only), for schedules that need it.
 * @returns the optimizer, for `lastStep`, `radius` and `learningRate`.
 * @throws FlatminError SPEC_INVALID, CONTAINER_MISSING, LOSS_INVALID or DATA_INVALID; the model is then as before.
 * @example
 * ```ts
 * const optimizer = compile(model, {
 *   optimizer: sam({ rho: 0.05, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } }),
 *   loss: 'categoricalCrossentropy',
 *   metrics: ['accuracy'],
 * });
 * await model.fit(x, y, { epochs: 10 });
 * ```
 */
export function compile(model: LayersModel, options: CompileOptions<OptimizerSpec>): SharpnessAwareOptimizer;
export function compile<const S extends Spec>(
  model: LayersModel,
  options: CompileOptions<UncheckedSpec<S>>,
): SharpnessAwareOptimizer;
export function compile(model: LayersModel, options: CompileOptions<object>): SharpnessAwareOptimizer {
  checkGiven(model, options);
  const { loss, metrics, reduction } = options;
  checkReduction(reduction);
  trainedModel(model); // Builds a tf.Sequential, whose weights have names only then.
  const validationLoss = heldOutLoss(model, options, loss);
  const given = isSharpnessAware(options.optimizer) ? options.optimizer : undefined;
  if (given !== undefined) checkUnused(options);
  const optimizer = given ?? optimizerOfSpec(model, options, validationLoss);
  const owner = model as unknown as Pick<TrainedModel, 'isOptimizerOwned' | 'optimizer_'>;
  const former = owner.isOptimizerOwned ? (owner.optimizer_ as Partial<tf.Optimizer>) : undefined;
  try {
    orAsBefore(model, () => model.compile({ optimizer, loss, ...(metrics === undefined ? {} : { metrics }) }));
  } catch (error) {
    if (given === undefined) optimizer.dispose();
    throw error;
  }
  owner.isOptimizerOwned = given === undefined || given === former;
  // What it owned is nobody's any more: TF.js forgets it here.
  if (former !== optimizer) former?.dispose?.();
  attach(model, optimizer, { validationLoss, reduction });
  stepBy(model, options.graph === true ? graphOf(model, optimizer) : undefined);
  return optimizer;
}

/** Refuses what cannot be compiled, by what it is. */
function checkGiven(model: unknown, options: unknown): void {
  const { compile: compileOf, getClassName } = (model ?? {}) as Partial<Record<'compile' | 'getClassName', unknown>>;
  if (typeof compileOf !== 'function' || typeof getClassName !== 'function') {
    throw new FlatminError(
      'SPEC_INVALID',
      `the model is ${show(model)}. Pass a tf.LayersModel, such as tf.sequential gives.`,
    );
  }
  if (typeof options === 'object' && options !== null) return;
  throw new FlatminError('SPEC_INVALID', `compile got ${show(options)}. Pass { optimizer, loss }.`);
}

/** What takes the steps of a model as graphs; undefined, and said why, where that cannot be. */
function graphOf(model: LayersModel, optimizer: SharpnessAwareOptimizer): FitGraph | undefined {
  const obstacle = obstacleOf(model);
  if (obstacle === undefined) return new FitGraph(model, optimizer);
  optimizer.setup.logger.warn(`flatmin: steps run eagerly, not as graphs: ${obstacle}`);
  return undefined;
}

/** What of a model no graph can follow. */
function obstacleOf(model: LayersModel): string | undefined {
  if (isStateful(model)) return `${model.name} has recurrent layers with their own states, which a graph cannot see.`;
  const drawing = drawingLayers(model);
  if (drawing.length === 0) return undefined;
  return (
    `${drawing.join(', ')} of ${model.name} make new random numbers such as those of a dropout layer in each pass. Call ` +
    'convertDropout(model) before compile, which makes tf.layers.dropout draw as dropoutLayer does, or build the model with ' +
    'dropoutLayer, both of @flatmin/model-layers; other random layers cannot be part of a graph.'
  );
}
