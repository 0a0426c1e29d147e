import { FlatminError } from '@flatmin/core';
import { type ModelContext, show } from '@flatmin/core/plugin';

export const attentions = ['bert', 'disentangled'] as const;

export interface EncoderSizes {
  readonly attention: (typeof attentions)[number];
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly mlpRatio: number;
  readonly positions: number;
  readonly dropout: number;
}

/** The tasks that a model of one stack of blocks can do. */
export type EncoderTask = 'classification' | 'regression' | 'language-modelling';

/** What the data ask for. */
export interface TextShape {
  readonly task: EncoderTask;
  /** Ids of the longest text. */
  readonly length: number;
  readonly vocabulary: number;
  readonly outputs: number;
  /** 1 where `begin` goes before the ids, else 0. */
  readonly begins: number;
}

/** Refuses sizes that fit no transformer. */
export function checkSizes(sizes: EncoderSizes): void {
  const refuse = (what: string, remedy: string): never => {
    throw new FlatminError('SPEC_INVALID', `text-encoder: ${what}. ${remedy}`);
  };
  const { attention, width, heads, mlpRatio } = sizes;
  if (!attentions.includes(attention)) {
    refuse(`attention is ${show(attention)}`, `Give one of ${attentions.map(show).join(', ')}.`);
  }
  for (const name of ['width', 'depth', 'heads', 'positions'] as const) {
    const value = sizes[name];
    if (!Number.isInteger(value) || value < 1) refuse(`${name} is ${show(value)}`, 'Give an integer of at least 1.');
  }
  const hidden = mlpRatio * width;
  if (!Number.isInteger(hidden) || hidden < 1) {
    refuse(`mlpRatio ${show(mlpRatio)} times width ${width} is ${hidden}`, 'Give a ratio that makes it an integer.');
  }
  if (width % heads !== 0)
    refuse(`width ${width} is not a multiple of heads ${heads}`, 'Give heads that divide width.');
}

/** What the data ask for; refuses data that are not ids, another task, and texts longer than there are positions. */
export function textShape({ attention, positions }: EncoderSizes, context: ModelContext): TextShape {
  const { task = 'classification', inputShape, classes, vocabulary } = context;
  const refuse = (what: string): never => {
    throw new FlatminError('DATA_INVALID', `text-encoder ${what}`);
  };
  if (task === 'sequence-to-sequence') {
    return refuse(`reads a text and writes none, and the task is ${show(task)}. Use the model transformer.`);
  }
  const [length] = inputShape;
  if (
    vocabulary === undefined ||
    inputShape.length !== 1 ||
    length === undefined ||
    !Number.isInteger(length) ||
    length < 1
  ) {
    const given = vocabulary === undefined ? 'the data have no vocabulary' : `inputShape is ${show(inputShape)}`;
    return refuse(`takes ids [length], and ${given}. Use a data set of text with "encoding": "ids".`);
  }
  const least = task === 'regression' ? 1 : 2;
  if (!Number.isInteger(classes) || classes < least) {
    return refuse(
      `gives an output for each class, and classes is ${show(classes)}. Give an integer of at least ${least}.`,
    );
  }
  if (task === 'language-modelling' && classes !== vocabulary.size) {
    return refuse(
      `scores each of the ${vocabulary.size} ids of the vocabulary, and classes is ${classes}. Make them equal.`,
    );
  }
  const begins = task === 'language-modelling' ? 0 : 1;
  const needed = length + begins;
  if (attention === 'bert' && needed > positions) {
    return refuse(
      `has ${positions} positions, and texts of ${length} ids need ${needed}. Set positions to at least ${needed}, or use shorter texts.`,
    );
  }
  return { task, length, vocabulary: vocabulary.size, outputs: classes, begins };
}
