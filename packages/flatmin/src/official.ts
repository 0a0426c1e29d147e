import aeLookSam from '@flatmin/ae-looksam';
import aeSam from '@flatmin/ae-sam';
import asam from '@flatmin/asam';
import { baseOptimizers } from '@flatmin/base-optimizers';
import {
  createContainer,
  type FlatminContainer,
  type OptimizerContext,
  type SharpnessAwareOptimizer,
  type Spec,
} from '@flatmin/core';
import type { Plugin } from '@flatmin/core/plugin';
import bsam from '@flatmin/bsam';
import brown from '@flatmin/dataset-brown';
import cifar from '@flatmin/dataset-cifar';
import cmudict from '@flatmin/dataset-cmudict';
import digits from '@flatmin/dataset-digits';
import glue from '@flatmin/dataset-glue';
import idx from '@flatmin/dataset-idx';
import imageFolder from '@flatmin/dataset-image-folder';
import mnist1d from '@flatmin/dataset-mnist1d';
import parallelText from '@flatmin/dataset-parallel-text';
import textTable from '@flatmin/dataset-text-table';
import esam from '@flatmin/esam';
import fisherSam from '@flatmin/fisher-sam';
import fsam from '@flatmin/fsam';
import functionalSam from '@flatmin/functional-sam';
import gam from '@flatmin/gam';
import gsam from '@flatmin/gsam';
import leSam from '@flatmin/le-sam';
import lets from '@flatmin/lets';
import lightsam from '@flatmin/lightsam';
import looksam from '@flatmin/looksam';
import layers from '@flatmin/model-layers';
import mlp from '@flatmin/model-mlp';
import mlp1dCnn from '@flatmin/model-mlp1d-cnn';
import resnet from '@flatmin/model-resnet';
import textEncoder from '@flatmin/model-text-encoder';
import transformer from '@flatmin/model-transformer';
import vit from '@flatmin/model-vit';
import msam from '@flatmin/msam';
import rst from '@flatmin/rst';
import sam from '@flatmin/sam';
import samOn from '@flatmin/sam-on';
import ssam from '@flatmin/ssam';
import stableSam from '@flatmin/stable-sam';
import usam from '@flatmin/usam';
import vasso from '@flatmin/vasso';
import wsam from '@flatmin/wsam';

/** Every official plugin besides TF.js's own optimizers, which core registers. */
export const officialPlugins: readonly Plugin[] = [
  sam,
  asam,
  msam,
  functionalSam,
  gam,
  lightsam,
  bsam,
  ssam,
  esam,
  rst,
  looksam,
  aeSam,
  aeLookSam,
  gsam,
  wsam,
  fsam,
  vasso,
  usam,
  fisherSam,
  stableSam,
  leSam,
  samOn,
  lets,
  mnist1d,
  digits,
  idx,
  cifar,
  brown,
  parallelText,
  cmudict,
  glue,
  textTable,
  // Last of those that read folders: it takes any folder of folders.
  imageFolder,
  mlp,
  mlp1dCnn,
  resnet,
  transformer,
  vit,
  textEncoder,
  layers,
  ...baseOptimizers,
];

let container: FlatminContainer | undefined;

/** The container with every official plugin, built when first asked for. */
export function officialContainer(): FlatminContainer {
  container ??= createContainer({ plugins: officialPlugins });
  return container;
}

/**
 * An optimizer from a spec that names plugins: `{ use: 'sam', rho: 0.05, base: { use: 'momentum', ... } }`.
 *
 * @param spec which plugins, with their options; a base alone gives a plain optimizer with the same surface.
 * @param context what JSON cannot hold: `validationLoss` for LETS, `totalSteps`, `parameters` (roles by variable name), and
 * a `container` with other plugins than the official ones.
 * @throws FlatminError SPEC_INVALID with every problem of the spec at once, or PLUGIN_UNKNOWN, before anything is created.
 * @example
 * ```ts
 * import { createOptimizer } from 'flatmin';
 * const optimizer = createOptimizer(
 *   { use: 'lets', preset: 'robust', inner: { use: 'asam', rho: 0.5, base: { use: 'sgd', learningRate: 0.1 } } },
 *   { validationLoss: () => lossOf(heldOut) },
 * );
 * ```
 */
export function createOptimizer(
  spec: Spec,
  context: OptimizerContext & { readonly container?: FlatminContainer | undefined } = {},
): SharpnessAwareOptimizer {
  const { container: other, ...rest } = context;
  return (other ?? officialContainer()).createOptimizer(spec, rest);
}
