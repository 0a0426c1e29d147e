import { type DataPart, specialTokens } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { AnyModel } from '../tasks/task.js';
import { corpusBleu } from './bleu.js';

type Ids = readonly number[];

export interface GeneratedScores {
  /** {@link corpusBleu} of tokens, from 0 to 100. */
  readonly bleu: number;
  /** The share of targets that are found to the last token. */
  readonly exactMatch: number;
}

/**
 * How good the targets are that a model generates for a part of a data set, sequence to sequence. A token that the
 * vocabulary lacks is never right: in the target it is another one than what the model says for it.
 *
 * Cost: `generate` of the model for each batch of sources; all sequences are held until the end.
 */
export async function judgeGenerated(
  generate: NonNullable<AnyModel['generate']>,
  part: Pick<DataPart<tf.Tensor>, 'batches'>,
  batchSize: number,
  onProgress?: (done: number) => void | Promise<void>,
): Promise<GeneratedScores> {
  const [found, targets]: [Ids[], Ids[]] = [[], []];
  for await (const { x, y } of part.batches({ batchSize })) {
    try {
      found.push(...(await generate(x as tf.Tensor2D)));
      targets.push(...((await y.array()) as Ids[]).map(withoutMarks));
    } finally {
      tf.dispose([x, y]);
    }
    await onProgress?.(found.length);
  }
  return scoresOfSequences(found, targets);
}

/** Scores of sequences of ids, without `begin`, `end` and padding. */
export function scoresOfSequences(found: readonly Ids[], targets: readonly Ids[]): GeneratedScores {
  const texts = found.map((ids) => ids.join(' '));
  const right = targets.map((ids) => ids.map((id) => (id === specialTokens.unknown ? 'unknown' : id)).join(' '));
  const matches = texts.filter((text, i) => text === right[i]).length;
  return { bleu: corpusBleu(texts, right, { tokenize: 'none' }).score, exactMatch: matches / targets.length };
}

function withoutMarks(ids: Ids): Ids {
  const { padding, begin, end } = specialTokens;
  return ids.filter((id) => id !== padding && id !== begin && id !== end);
}
