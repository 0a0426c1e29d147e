import { FlatminError, RandomStream } from '@flatmin/core';
import { arraySource, type LabelledSource, mapRecords, type Parts, selectExamples, type Texts } from '@flatmin/data';
import { genreNames, genres, kindNames } from './genres.js';
import type { BrownDocument } from './readBrown.js';

export interface ExampleOptions {
  readonly labels: 'kind' | 'genre';
  readonly unit: 'sentence' | 'document';
  readonly seed: number;
  /** Examples that are asked for; default all. */
  readonly train: number | undefined;
  readonly test: number | undefined;
  readonly tokens: (text: string) => readonly string[];
}

/** Names of the classes. */
export function classesOf(labels: 'kind' | 'genre'): readonly string[] {
  return labels === 'kind' ? kindNames : genreNames;
}

/** Sentences or documents with their classes; a smaller train has a validation that is smaller in proportion. */
export function examplesOf(
  parts: Parts<readonly BrownDocument[]>,
  options: ExampleOptions,
): Parts<LabelledSource<Texts>> {
  const all = {
    train: labelled(parts.train, options),
    validation: labelled(parts.validation, options),
    test: labelled(parts.test, options),
  };
  const share = (options.train ?? all.train.size) / all.train.size;
  return {
    train: drawn(all.train, options.train, 'train', options.seed),
    validation: drawn(all.validation, Math.round(Math.min(1, share) * all.validation.size), 'validation', options.seed),
    test: drawn(all.test, options.test, 'test', options.seed),
  };
}

function labelled(documents: readonly BrownDocument[], options: ExampleOptions): LabelledSource<Texts> {
  const classes = classesOf(options.labels);
  const examples = documents.flatMap(({ genre, sentences }) => {
    const label = classes.indexOf(options.labels === 'kind' ? genres[genre] : genre);
    return (options.unit === 'sentence' ? sentences : [sentences.join(' ')]).map((text) => ({ text, label }));
  });
  return {
    ...mapRecords(arraySource(examples), ({ text }): Texts => [options.tokens(text)]),
    labels: Int32Array.from(examples, ({ label }) => label),
  };
}

function drawn(
  source: LabelledSource<Texts>,
  asked: number | undefined,
  part: string,
  seed: number,
): LabelledSource<Texts> {
  if (asked === undefined || asked === source.size) return source;
  if (asked > source.size) {
    throw new FlatminError(
      'DATA_INVALID',
      `brown: ${asked} examples were requested for ${part}, and it has ${source.size}. Request fewer.`,
    );
  }
  return selectExamples(source, new RandomStream(seed).at(part).permutation(source.size).subarray(0, asked));
}
