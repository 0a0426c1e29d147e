import { FlatminError } from '@flatmin/core';
import { type ModelContext, show } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';
import type { GenerateOptions } from './generate.js';
import type { TransformerSizes } from './network.js';

/** The numbers of tokens of source and target; refuses a data set that is not one of pairs of sequences. */
export function tokensOf({ task, vocabulary, targetVocabulary }: ModelContext): { from: number; to: number } {
  if (task === 'sequence-to-sequence' && vocabulary !== undefined && targetVocabulary !== undefined) {
    return { from: vocabulary.size, to: targetVocabulary.size };
  }
  throw new FlatminError(
    'DATA_INVALID',
    `transformer maps sequences to sequences, and the data set is for ${show(task ?? 'classification')}. ` +
      'Use one of task sequence-to-sequence with two vocabularies, such as parallel-text or cmudict.',
  );
}

/** Refuses sizes that fit no transformer, and a search that finds nothing. */
export function checkSizes(sizes: TransformerSizes & GenerateOptions): void {
  const refuse = (what: string, remedy: string): never => {
    throw new FlatminError('SPEC_INVALID', `transformer: ${what}. ${remedy}`);
  };
  for (const name of ['width', 'hidden', 'heads', 'encoderLayers', 'decoderLayers', 'beam'] as const) {
    const value = sizes[name];
    if (!Number.isInteger(value) || value < 1) refuse(`${name} is ${show(value)}`, 'Give an integer of at least 1.');
  }
  for (const name of ['lengthPenalty', 'maxLengthA', 'maxLengthB'] as const) {
    const value = sizes[name];
    if (!Number.isFinite(value) || value < 0) refuse(`${name} is ${show(value)}`, 'Give a number of at least 0.');
  }
  const { width, heads, dropout } = sizes;
  if (!(dropout >= 0 && dropout < 1)) refuse(`dropout is ${show(dropout)}`, 'Give a number of at least 0 and below 1.');
  if (width % heads !== 0)
    refuse(`width ${width} is not a multiple of heads ${heads}`, 'Give heads that divide width.');
  if (width % 2 !== 0 || width < 4) {
    refuse(`width is ${width}, and half of the positions are sines, half cosines`, 'Give an even width of at least 4.');
  }
}

/** Refuses what is not a batch of sequences of ids. */
export function checkIds(name: 'x' | 'target', ids: tf.Tensor | undefined, batch?: number): asserts ids is tf.Tensor2D {
  if (ids?.rank === 2 && ids.dtype === 'int32' && (batch === undefined || ids.shape[0] === batch)) return;
  const found = ids === undefined ? 'missing' : `${ids.dtype} of shape ${show(ids.shape)}`;
  const remedy =
    name === 'x'
      ? 'Pass int32 ids [batch, length].'
      : `Pass int32 ids [${batch}, length] from begin on: apply(x, { target }), such as y[:, :-1]; or use generate(x).`;
  throw new FlatminError('DATA_INVALID', `transformer: ${name} is ${found}. ${remedy}`);
}
