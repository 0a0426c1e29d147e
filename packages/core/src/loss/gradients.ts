import * as tf from '@tensorflow/tfjs-core';
import { type ErrorCode, FlatminError, isFlatminError } from '../errors/errors.js';
import type { LossFunction } from './loss.js';
import { valueOf } from './lossValue.js';
import type { PartPasses, BatchPart } from './parts.js';

/** What TF.js says when something is wrong with the loss, or with how it was set up, and what we say instead. */
const translations: readonly {
  readonly says: RegExp;
  readonly means: (text: string, found: readonly string[]) => readonly [code: ErrorCode, message: string];
}[] = [
  {
    says: /gradient function not found for (\w+)/i,
    means: (text, [, op = '']) =>
      tf.getGradient('Multiply') === undefined
        ? [
            'GRADIENTS_NOT_REGISTERED',
            `TensorFlow.js has no gradients here (${text}). Add \`import '@tensorflow/tfjs'\` (or call loadBackend of ` +
              '@flatmin/backend) before the first step.',
          ]
        : ['LOSS_INVALID', `the loss uses the op ${op}, for which TensorFlow.js has no gradient. ${insteadOf(op)}`],
  },
  {
    says: /find a connection between any variable/,
    means: (text) => [
      'LOSS_INVALID',
      `the loss depends on none of the variables to train (${text}). Compute it from them inside the function that you pass to minimize.`,
    ],
  },
];

/** What to use in place of an op that has no gradient. */
const instead: Readonly<Record<string, string>> = {
  Einsum: 'Write it with tf.matMul, tf.transpose, tf.mul and tf.sum',
  CropAndResize: 'Use tf.slice and tf.image.resizeBilinear',
  ArgMax: 'Choose the indices outside the loss, and take the values with tf.gather',
  TopK: 'Choose the indices outside the loss, and take the values with tf.gather',
};

const insteadOf = (op: string): string =>
  `${instead[op] ?? 'Compute its result outside the loss'}, or give it your own gradient with tf.customGrad.`;

/**
 * Frees what a forward pass had saved for its backward pass when it threw: TF.js frees that after a backward pass
 * alone.
 */
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
    const { value, grads } = tf.variableGrads(() => valueOf(loss), [...variables]);
    return { loss: value, gradients: new Map(variables.map((variable) => [variable, grads[variable.name] ?? null])) };
  } catch (error) {
    freeTape();
    if (isFlatminError(error)) throw error;
    const text = error instanceof Error ? error.message : '';
    for (const { says, means } of translations) {
      const found = says.exec(text);
      if (found !== null) throw new FlatminError(...means(text, found), { cause: error });
    }
    throw error;
  }
}

/** a + b, where each may be missing. */
function addTerms(a: tf.Tensor | undefined, b: tf.Tensor | undefined): tf.Tensor | undefined {
  return a === undefined || b === undefined ? (a ?? b) : tf.add(a, b);
}

/**
 * Loss and gradients summed over parts of a batch by their shares, one pass after the other, so that what a pass holds
 * for its gradient is freed before the next: 2 ops for each variable and part beyond the passes.
 */
export function accumulatedGradients(
  parts: readonly BatchPart[],
  variables: readonly tf.Variable[],
  eachPart: PartPasses,
): ReturnType<typeof lossAndGradients> {
  const { loss } = parts[0] as BatchPart;
  if (parts.length === 1) return lossAndGradients(loss, variables);
  let sum: (tf.Tensor | undefined)[] = [];
  eachPart(parts, ({ loss: part, share }) => {
    const before = sum;
    sum = tf.tidy(() => {
      const found = lossAndGradients(part, variables);
      const terms = [found.loss, ...variables.map((variable) => found.gradients.get(variable) ?? undefined)];
      return terms.map((term, i) => addTerms(before[i], term && tf.mul(term, share)));
    });
    // A gradient that a part does not have is passed on as it is.
    for (const tensor of before) if (!sum.includes(tensor)) tensor?.dispose();
  });
  const [total, ...gradients] = sum;
  return {
    loss: total as tf.Scalar,
    gradients: new Map(variables.map((variable, i) => [variable, gradients[i] ?? null])),
  };
}
