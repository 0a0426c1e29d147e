import { refuse } from '../errors/refuse.js';
import { type Labels, selectExamples } from '../source/labelledSource.js';
import type { RecordSource } from '../source/source.js';
import type { Parts } from './parts.js';
import { streamOf } from './seed.js';
import { splitRows } from './splitRows.js';
import { type SizeChoice, type SplitChoice, splitDefaults } from './splitSchema.js';

export interface SplitExamplesOptions<S> {
  /** The official training examples, of which validation is held out by seed; or all examples. */
  readonly train: S;
  /** The official test examples; without them, `testFraction` of `train` is held out by seed. */
  readonly test?: S | undefined;
  /** The official validation examples, if there are any; then none are held out of train. */
  readonly validation?: S | undefined;
  readonly testFraction?: number | undefined;
  readonly choice?: (Pick<SplitChoice, 'validation' | 'seed'> & SizeChoice) | undefined;
}

/**
 * Train, validation and test of a source: the official ones if they are given, otherwise drawn by seed. Train and
 * validation are drawn from the two ends of one order, so that a smaller train part is a part of a larger one at the
 * same seed.
 *
 * @throws FlatminError DATA_INVALID as {@link splitRows}, and if more examples are requested than exist.
 */
export function splitExamples<S extends RecordSource<unknown> & { readonly labels?: Labels }>(
  options: SplitExamplesOptions<S>,
): Parts<S> {
  const { train, test, validation: official, testFraction = 0, choice = {} } = options;
  const { validation: fraction = splitDefaults.validation, seed = splitDefaults.seed } = choice;
  const share = official === undefined ? fraction : 0;
  const rows = splitRows(train.size, { validation: share, seed, ...(test === undefined && { test: testFraction }) });
  const { train: asked = rows.train.length } = choice;
  if (asked > rows.train.length) {
    const others = train.size - rows.train.length;
    refuse(
      `${asked} training examples were requested, and there are ${train.size}, of which ${others} are for validation` +
        `${test === undefined ? ' and test' : ''}`,
      `Ask for at most ${rows.train.length}.`,
    );
  }
  const heldOut = Math.min(rows.validation.length, Math.round((asked * rows.validation.length) / rows.train.length));
  const testPart = test ?? selectExamples(train, rows.test);
  return {
    train: selectExamples(train, rows.train.subarray(rows.train.length - asked)),
    validation: official ?? selectExamples(train, rows.validation.subarray(0, heldOut)),
    test: choice.test === undefined ? testPart : sample(testPart, choice.test, seed),
  };
}

function sample<S extends RecordSource<unknown> & { readonly labels?: Labels }>(
  test: S,
  asked: number,
  seed: number,
): S {
  if (asked > test.size) refuse(`${asked} test examples were requested, and there are ${test.size}`, 'Ask for fewer.');
  return selectExamples(test, streamOf(seed).at('test').permutation(test.size).subarray(0, asked));
}
