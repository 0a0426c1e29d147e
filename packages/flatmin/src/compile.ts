import type { OptimizerSpec, SharpnessAwareOptimizer, Spec, UncheckedSpec } from '@flatmin/core';
import { compile as compileWith, type CompileOptions } from '@flatmin/model-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { optimizerContainer } from './optimizers.js';

/**
 * `compile` of @flatmin/model-layers, where a spec finds every official plugin:
 * `compile(model, { optimizer: { use: 'sam', base: { use: 'sgd', learningRate: 0.1 } }, loss:
 * 'categoricalCrossentropy', metrics: ['accuracy'] })`.
 */
export function compile(model: LayersModel, options: CompileOptions<OptimizerSpec>): SharpnessAwareOptimizer;
export function compile<const S extends Spec>(
  model: LayersModel,
  options: CompileOptions<UncheckedSpec<S>>,
): SharpnessAwareOptimizer;
export function compile(model: LayersModel, options: CompileOptions<object>): SharpnessAwareOptimizer {
  return compileWith(model, { ...(options as CompileOptions), container: options.container ?? optimizerContainer() });
}
