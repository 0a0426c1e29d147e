import * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from './errors.js';
import type { BatchPart, LossFunction } from './loss.js';
import { withLossRandomOfPart } from './lossRandom.js';

/** What TF.js says when something is wrong with the loss, or with how it was set up, and what we say instead. */
const translations = [
  {
    says: /gradient function not found/i,
    code: 'GRADIENTS_NOT_REGISTERED',
    what: 'TensorFlow.js has no gradients here',
    remedy: "Add `import '@tensorflow/tfjs'` (or call loadBackend of @flatmin/backend) before the first step.",
  },
  {
    says: /must return a scalar/,
    code: 'LOSS_INVALID',
    what: 'the loss is no scalar',
    remedy: 'Return the mean over the batch, tf.mean(...).',
  },
  {
    says: /find a connection between any variable/,
    code: 'LOSS_INVALID',
    what: 'the loss depends on none of the variables to train',
    remedy: 'Compute it from them inside the function that is passed to minimize.',
  },
] as const;

/** Frees what a forward pass had saved for its backward pass when it threw: TF.js frees that after a backward pass alone. */
function freeTape(): void {
  const { state } = tf.engine();
  // Inside of somebody's own gradient the tape is theirs.
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
}

/** Loss and gradient by variable (null where the loss does not depend on it), with errors that say the remedy. */
export function lossAndGradients(
  loss: LossFunction,
  variables: readonly tf.Variable[],
): { readonly loss: tf.Scalar; readonly gradients: ReadonlyMap<tf.Variable, tf.Tensor | null> } {
  try {
    const { value, grads } = tf.variableGrads(loss, [...variables]);
    return { loss: value, gradients: new Map(variables.map((variable) => [variable, grads[variable.name] ?? null])) };
  } catch (error) {
    freeTape();
    const text = error instanceof Error ? error.message : '';
    const found = translations.find(({ says }) => says.test(text));
    if (found === undefined) throw error;
    throw new FlatminError(found.code, `${found.what} (${text}). ${found.remedy}`, { cause: error });
  }
}

/** a + b, where each may be missing. */
function addTerms(a: tf.Tensor | undefined, b: tf.Tensor | undefined): tf.Tensor | undefined {
  return a === undefined || b === undefined ? (a ?? b) : tf.add(a, b);
}

/**
 * Loss and gradients summed over parts of a batch by their shares, one pass after the other, so that what a pass holds for its
 * gradient is freed before the next: 2 ops for each variable and part beyond the passes.
 */
export function accumulatedGradients(
  parts: readonly BatchPart[],
  variables: readonly tf.Variable[],
): ReturnType<typeof lossAndGradients> {
  const { loss } = parts[0] as BatchPart;
  if (parts.length === 1) return lossAndGradients(loss, variables);
  let sum: (tf.Tensor | undefined)[] = [];
  for (const [index, { loss: part, share }] of parts.entries()) {
    const before = sum;
    sum = tf.tidy(() => {
      const found = withLossRandomOfPart(index, () => lossAndGradients(part, variables));
      const terms = [found.loss, ...variables.map((variable) => found.gradients.get(variable) ?? undefined)];
      return terms.map((term, i) => addTerms(before[i], term && tf.mul(term, share)));
    });
    // A gradient that a part does not have is passed on as it is.
    for (const tensor of before) if (!sum.includes(tensor)) tensor?.dispose();
  }
  const [total, ...gradients] = sum;
  return {
    loss: total as tf.Scalar,
    gradients: new Map(variables.map((variable, i) => [variable, gradients[i] ?? null])),
  };
}

/** Refuses what is no loss before anything happens. */
export function checkLoss(loss: unknown): asserts loss is LossFunction {
  if (typeof loss !== 'function') {
    throw new FlatminError('LOSS_INVALID', `the loss is ${show(loss)}. Pass a function that returns a tf.Scalar.`);
  }
}
