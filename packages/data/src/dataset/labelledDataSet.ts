import type { ClassificationDataSet, RegressionDataSet, Scores, TargetScale, Vocabulary } from '@flatmin/core/plugin';
import type { Labels, LabelledSource } from '../source/labelledSource.js';
import type { Parts } from '../split/parts.js';
import { standardizedTargets } from '../split/targets.js';
import { encodedPart, type Encoding } from '../stream/encodedPart.js';
import { type OpenOthers, unlabelledExamples } from './unlabelled.js';

/** How a column of a table is used. */
export interface DataColumn {
  readonly name: string;
  readonly kind: 'label' | 'number' | 'category' | 'text' | 'ignored';
  /** How many values of x it takes. */
  readonly inputs: number;
  /** In a few words: mean and gaps, the categories, why it is ignored. */
  readonly about: string;
}

/** Names of the values of x: the words of a bag, the columns of a table. `flatmin data preview` shows them. */
export interface NamedFeatures {
  readonly featureNames?: readonly string[];
  /** Of a table: `flatmin data check` lists them. */
  readonly columns?: readonly DataColumn[];
}

/** The classes, or a regression. */
export type LabelTarget =
  { readonly classes: number; readonly classNames?: readonly string[] | undefined } | 'regression';

export type LabelledDataSet<T extends LabelTarget = LabelTarget> = NamedFeatures &
  (T extends 'regression' ? RegressionDataSet : ClassificationDataSet & { readonly task: 'classification' });

export interface LabelledDataSetOptions<R, L extends Labels, T extends LabelTarget> {
  readonly id: string;
  readonly target: T;
  readonly parts: Parts<LabelledSource<R, L>>;
  readonly encoding: Encoding<R>;
  /** True gives the encoding a random stream for each example of train if it is shuffled; default false. */
  readonly augments?: boolean | undefined;
  readonly vocabulary?: Vocabulary | undefined;
  readonly featureNames?: readonly string[] | undefined;
  readonly columns?: readonly DataColumn[] | undefined;
  /**
   * Of a regression: targets are (target - mean) / deviation, both of train, and the data set has a `targetScale`.
   * Default false.
   */
  readonly standardizeTargets?: boolean | undefined;
  /** Scores of the answers in addition to loss and accuracy. */
  readonly scores?: Scores | undefined;
  /** Opens records of other files, without targets, for the data set's `unlabelled`. */
  readonly others?: OpenOthers<R> | undefined;
  /** Batches made ahead; default 2. */
  readonly prefetch?: number | undefined;
}

/**
 * A data set of labeled records under one encoding, as a classification or a regression. Every data set with one label
 * per example is made here.
 */
export function labelledDataSet<R, L extends Labels, T extends LabelTarget>(
  options: LabelledDataSetOptions<R, L, T>,
): LabelledDataSet<T> {
  const { id, target, encoding, augments, vocabulary, featureNames, columns, scores, others, prefetch } = options;
  const { inputShape } = encoding;
  const { parts, targetScale } = scaled(options);
  const common = {
    id,
    inputShape,
    ...(vocabulary && { vocabulary }),
    ...(featureNames && { featureNames }),
    ...(columns && { columns }),
    ...(scores && { scores }),
    train: encodedPart(parts.train, encoding, { augments, prefetch }),
    validation: encodedPart(parts.validation, encoding, { prefetch }),
    test: encodedPart(parts.test, encoding, { prefetch }),
    ...(others && { unlabelled: async (place: string) => unlabelledExamples(await others(place), encoding, prefetch) }),
  };
  if (target === 'regression') {
    return { ...common, task: 'regression', classes: 1, ...(targetScale && { targetScale }) } as LabelledDataSet<T>;
  }
  const { classes, classNames } = target;
  return { ...common, task: 'classification', classes, ...(classNames && { classNames }) } as LabelledDataSet<T>;
}

function scaled<R, L extends Labels, T extends LabelTarget>({
  target,
  parts,
  standardizeTargets = false,
}: LabelledDataSetOptions<R, L, T>): {
  readonly parts: Parts<LabelledSource<R, Labels>>;
  readonly targetScale?: TargetScale;
} {
  return target === 'regression' && standardizeTargets ? standardizedTargets(parts) : { parts };
}
