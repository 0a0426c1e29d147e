import { inUnitOfData, RandomStream } from '@flatmin/core';
import { type DataPart, type DataSet, taskOf, type Vocabulary } from '@flatmin/core/plugin';
import type { NamedFeatures } from '@flatmin/data';
import * as tf from '@tensorflow/tfjs-core';

/** One example: its values and targets. */
export interface Example {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Some examples of a part, drawn by seed; those of a class together, where there are classes. */
export async function sampleExamples(dataset: DataSet, part: DataPart<tf.Tensor>, count: number): Promise<Example[][]> {
  const classes = taskOf(dataset) === 'classification' ? dataset.classes : 1;
  // As many rows as classes, up to 20, so that each class is seen.
  const rows = Array.from({ length: Math.min(classes, 20) }, (): Example[] => []);
  const perRow = Math.max(1, Math.floor(count / rows.length));
  for await (const batch of part.batches({ batchSize: 128, shuffle: new RandomStream(0) })) {
    for (const example of await examplesOf(batch)) {
      const row = classes === 1 ? rows[0] : rows[example.y[0] as number];
      if (row !== undefined && row.length < perRow) row.push(example);
    }
    if (rows.every((row) => row.length >= perRow)) break;
  }
  return rows;
}

/** The rows of a batch, which is disposed. */
async function examplesOf({ x, y }: { readonly x: tf.Tensor; readonly y: tf.Tensor }): Promise<Example[]> {
  const [values, targets] = await Promise.all([x.data(), y.data()]);
  const size = x.shape[0] ?? 0;
  tf.dispose([x, y]);
  const row = (data: ArrayLike<number>, i: number): number[] => {
    const length = data.length / size;
    return Array.from({ length }, (_, k) => data[i * length + k] as number);
  };
  return Array.from({ length: size }, (_, i) => ({ x: row(values, i), y: row(targets, i) }));
}

/** Examples as lines of text, where they are not images. */
export function exampleLines(dataset: DataSet, examples: readonly Example[]): readonly string[] {
  const { vocabulary } = dataset;
  const targets = dataset.task === 'sequence-to-sequence' ? dataset.targetVocabulary : vocabulary;
  const isSequence = dataset.task === 'sequence-to-sequence' || dataset.task === 'language-modelling';
  return examples.map(({ x, y }) => {
    const input = vocabulary === undefined ? valuesText(x, featureNamesOf(dataset)) : words(vocabulary, x);
    const target = isSequence && targets !== undefined ? words(targets, y) : targetText(dataset, y[0] as number);
    return `${target}\t${input.length > 160 ? `${input.slice(0, 157)}...` : input}`;
  });
}

/** What the values of x are called, where they have names. */
export function featureNamesOf(dataset: DataSet): readonly string[] | undefined {
  return (dataset as NamedFeatures).featureNames;
}

/** Values with names: the greatest first, and no zeros, which are most of a bag of words. */
function valuesText(values: readonly number[], names: readonly string[] | undefined): string {
  const short = (value: number): number => Number(value.toPrecision(3));
  if (names === undefined) return values.map(short).join(' ');
  return values
    .map((value, i) => ({ value, name: names[i] ?? String(i) }))
    .filter(({ value }) => value !== 0)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .map(({ value, name }) => `${name}=${short(value)}`)
    .join(' ');
}

function targetText(dataset: DataSet, target: number): string {
  const names = 'classNames' in dataset ? dataset.classNames : undefined;
  const scale = 'targetScale' in dataset ? dataset.targetScale : undefined;
  return names?.[target] ?? String(Number(inUnitOfData(target, scale).toPrecision(4)));
}

function words({ tokens }: Vocabulary, ids: readonly number[]): string {
  return ids
    .filter((id) => id !== 0)
    .map((id) => tokens[id] ?? `?${id}`)
    .join(' ');
}
