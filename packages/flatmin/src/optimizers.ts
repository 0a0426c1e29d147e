import aeLookSam from '@flatmin/ae-looksam';
import aeSam from '@flatmin/ae-sam';
import asam from '@flatmin/asam';
import { baseOptimizers } from '@flatmin/base-optimizers';
import {
  createContainer,
  type FlatminContainer,
  type OptimizerContext,
  type OptimizerSpec,
  type SharpnessAwareOptimizer,
  type Spec,
  type UncheckedSpec,
} from '@flatmin/core';
import type { Plugin } from '@flatmin/core/plugin';
import bsam from '@flatmin/bsam';
import crSam from '@flatmin/cr-sam';
import eigenSam from '@flatmin/eigen-sam';
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
import msam from '@flatmin/msam';
import rst from '@flatmin/rst';
import rwp from '@flatmin/rwp';
import sam from '@flatmin/sam';
import samOn from '@flatmin/sam-on';
import samSps from '@flatmin/sam-sps';
import sampa from '@flatmin/sampa';
import ssam from '@flatmin/ssam';
import stableSam from '@flatmin/stable-sam';
import tiltedSam from '@flatmin/tilted-sam';
import usam from '@flatmin/usam';
import vasso from '@flatmin/vasso';
import wsam from '@flatmin/wsam';
import xsam from '@flatmin/xsam';
import zsharp from '@flatmin/zsharp';

/** Every official plugin that makes optimizers, besides TF.js's own, which core registers. */
export const optimizerPlugins: readonly Plugin[] = [
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
  crSam,
  zsharp,
  samSps,
  xsam,
  sampa,
  rwp,
  tiltedSam,
  eigenSam,
  lets,
  ...baseOptimizers,
];

let container: FlatminContainer | undefined;

/**
 * The container with these, built when first asked for. Optimizers need no more, and a page that only makes optimizers
 * has no data sets and no models in its bundle.
 */
export function optimizerContainer(): FlatminContainer {
  container ??= createContainer({ plugins: optimizerPlugins });
  return container;
}

/**
 * The context of {@link createOptimizer}: what a spec cannot hold, and a container with other plugins than the official
 * ones.
 */
export interface CreateContext extends OptimizerContext {
  readonly container?: FlatminContainer | undefined;
}

/**
 * An optimizer from a spec that names plugins: `{ use: 'sam', rho: 0.05, base: { use: 'momentum', ... } }`.
 *
 * @param spec which plugins, with their options; a base alone gives a plain optimizer with the same surface.
 * @param context what JSON cannot hold: `validationLoss` for LETS, `totalSteps`, `parameters` (roles by variable name),
 *   and
 * a `container` with other plugins than the official ones.
 * @throws FlatminError SPEC_INVALID with every problem of the spec at once, or PLUGIN_UNKNOWN, before anything is
 *   created.
 * @example
 * ```ts
 * import { createOptimizer } from 'flatmin';
 * const optimizer = createOptimizer(
 *   { use: 'lets', preset: 'robust', inner: { use: 'asam', rho: 0.5, base: { use: 'sgd', learningRate: 0.1 } } },
 *   { validationLoss: () => lossOf(heldOut) },
 * );
 * ```
 */
export function createOptimizer(spec: OptimizerSpec, context?: CreateContext): SharpnessAwareOptimizer;
export function createOptimizer<const S extends Spec = Spec>(
  spec: UncheckedSpec<S>,
  context?: CreateContext,
): SharpnessAwareOptimizer;
export function createOptimizer(spec: OptimizerSpec | Spec, context: CreateContext = {}): SharpnessAwareOptimizer {
  const { container: other, ...rest } = context;
  return (other ?? optimizerContainer()).createOptimizer(spec as Spec, rest);
}
