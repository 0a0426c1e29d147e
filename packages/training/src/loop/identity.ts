import { FlatminError, SharpnessAwareOptimizer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { RunIdentity } from '../checkpoint/runState.js';
import { mixSchema } from '../settings/mix.js';
import type { RunOptions } from './options.js';

/** The identity of a run: whatever decides its weights and its history, and can be told as text. */
export function identityOf(options: RunOptions): RunIdentity {
  const { dataset, model, epochs, batchSize, seed, learningRate, eager, regularizer, identity } = options;
  const { evaluate = {}, earlyStopping, labelSmoothing, mix, reduceOnPlateau } = options;
  return {
    'data set': `${dataset.id}, ${dataset.train.size} examples to train on`,
    // A model that was trained on other targets gives answers in another unit.
    ...('targetScale' in dataset && { targetScale: textOf(dataset.targetScale) }),
    model: model.description,
    optimizer: nameOfOptimizer(options),
    epochs: `${epochs}`,
    batchSize: `${batchSize}`,
    seed: `${seed}`,
    learningRate: typeof learningRate === 'function' ? 'a function' : textOf(learningRate ?? 'of the optimizer'),
    labelSmoothing: `${labelSmoothing}`,
    regularizer: regularizer === undefined ? 'none' : 'a function',
    evaluate: textOf(evaluate),
    earlyStopping: textOf(earlyStopping ?? 'none'),
    // Absent from what runs without it saved.
    ...(reduceOnPlateau && { reduceOnPlateau: textOf(reduceOnPlateau) }),
    ...(mix && { mix: textOf(mixSchema.parse(mix)) }),
    eager: `${eager}`,
    backend: tf.getBackend(),
    ...identity,
  };
}

function nameOfOptimizer({ optimizer }: RunOptions): string {
  if (!(optimizer instanceof SharpnessAwareOptimizer)) return 'an optimizer of the caller';
  const { setup } = optimizer;
  // What exists in code only has no text; the state of the optimizer says which variant it is of.
  return setup.codeOnly === undefined ? textOf(setup.spec) : setup.variant.id;
}

/** JSON with sorted keys, so that equal values have equal text; long texts, such as that of a file, are left whole. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/**
 * Refuses a checkpoint of another run.
 *
 * @throws FlatminError STATE_MISMATCH, naming all that differs.
 */
export function requireSameRun(saved: RunIdentity, present: RunIdentity): void {
  const names = [...new Set([...Object.keys(saved), ...Object.keys(present)])];
  const differences = names
    .filter((name) => saved[name] !== present[name])
    .map((name) => `  - ${name}: ${saved[name] ?? 'not told'} there, ${present[name] ?? 'not told'} here`);
  if (differences.length === 0) return;
  throw new FlatminError(
    'STATE_MISMATCH',
    `the checkpoint belongs to another run:\n${differences.join('\n')}\nResume with the options of the run that saved it, or ` +
      'start again, without resume and in another directory.',
  );
}
