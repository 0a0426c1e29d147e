import { FlatminError, inUnitOfData } from '@flatmin/core';
import { type DataPart, type DataSet, type TargetScale, taskOf } from '@flatmin/core/plugin';
import { type DataColumn, Moments, type NamedFeatures } from '@flatmin/data';
import * as tf from '@tensorflow/tfjs-core';

/** Examples of a forward pass through the data; bounds the memory of a check. */
const batchSize = 256;

export const partNames = ['train', 'validation', 'test'] as const;

/** What a part holds, counted by reading all of it. */
export interface PartSummary {
  readonly examples: number;
  /** Mean and standard deviation of x's values, least and greatest. */
  readonly values: PartMoments;
  /** Examples of each class, of a classification. */
  readonly perClass?: readonly number[];
  /** Of a regression's targets, in the unit of the data. */
  readonly targets?: PartMoments;
  /** Ids that are not padding, of text. */
  readonly tokens?: number;
}

export interface DataSummary {
  readonly id: string;
  readonly task: string;
  readonly inputShape: readonly number[];
  readonly dtype: string;
  readonly classes: number;
  readonly classNames?: readonly string[];
  /** Of a table: what became of its columns. */
  readonly columns?: readonly DataColumn[];
  readonly parts: Readonly<Record<(typeof partNames)[number], PartSummary>>;
}

/**
 * Reads every example of a data set once, and checks what it says of itself: sizes, shapes, classes, finite values.
 *
 * @throws FlatminError DATA_INVALID where it contradicts itself, and what its reader throws.
 */
export async function inspect(dataset: DataSet): Promise<DataSummary> {
  const { id, inputShape, classes } = dataset;
  const parts: Partial<Record<(typeof partNames)[number], PartSummary>> = {};
  let dtype = 'float32';
  for (const name of partNames) {
    const counts = new PartCounts(dataset, name);
    for await (const { x, y } of (dataset[name] as DataPart<tf.Tensor>).batches({ batchSize })) {
      dtype = x.dtype;
      const [values, targets] = await Promise.all([x.data(), y.data()]);
      counts.add(x.shape, values, targets);
      tf.dispose([x, y]);
    }
    parts[name] = counts.summary();
  }
  const classNames = 'classNames' in dataset ? dataset.classNames : undefined;
  const { columns } = dataset as NamedFeatures;
  return {
    id,
    task: taskOf(dataset),
    inputShape,
    dtype,
    classes,
    ...(classNames && { classNames }),
    ...(columns && { columns }),
    parts: parts as DataSummary['parts'],
  };
}

export interface PartMoments {
  readonly least: number;
  readonly greatest: number;
  readonly mean: number;
  readonly deviation: number;
}

function momentsOf({ least, greatest, mean, deviation }: Moments): PartMoments {
  return { least, greatest, mean, deviation };
}

class PartCounts {
  readonly #dataset: DataSet;
  readonly #name: (typeof partNames)[number];
  readonly #scale: TargetScale | undefined;
  readonly #values = new Moments();
  readonly #targets = new Moments();
  readonly #perClass: number[];
  #examples = 0;
  #tokens = 0;

  constructor(dataset: DataSet, name: (typeof partNames)[number]) {
    this.#dataset = dataset;
    this.#name = name;
    this.#scale = 'targetScale' in dataset ? dataset.targetScale : undefined;
    const counted = taskOf(dataset) === 'classification';
    this.#perClass = counted ? new Array<number>(dataset.classes).fill(0) : [];
  }

  add(shape: readonly number[], values: ArrayLike<number>, targets: ArrayLike<number>): void {
    const [examples = 0, ...rest] = shape;
    const fixed = taskOf(this.#dataset) !== 'sequence-to-sequence';
    if (fixed && rest.join() !== this.#dataset.inputShape.join()) {
      this.#refuse(`an example has shape [${rest.join()}], and the data set says [${this.#dataset.inputShape.join()}]`);
    }
    for (let i = 0; i < values.length; i++) this.#values.add(values[i] as number);
    for (let i = 0; i < targets.length; i++) this.#targets.add(inUnitOfData(targets[i] as number, this.#scale));
    for (const { mean } of [this.#values, this.#targets]) {
      if (!Number.isFinite(mean)) this.#refuse(`a value at or after example ${this.#examples} is not finite`);
    }
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) this.#tokens += 1;
    if (this.#perClass.length > 0) this.#count(targets);
    this.#examples += examples;
  }

  #count(labels: ArrayLike<number>): void {
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as number;
      if (this.#perClass[label] === undefined)
        this.#refuse(`label ${label} is not one of ${this.#perClass.length} classes`);
      this.#perClass[label] += 1;
    }
  }

  summary(): PartSummary {
    const { size } = this.#dataset[this.#name];
    if (this.#examples !== size) this.#refuse(`it gave ${this.#examples} examples, and its size is ${size}`);
    const task = taskOf(this.#dataset);
    return {
      examples: this.#examples,
      values: momentsOf(this.#values),
      ...(task === 'classification' && { perClass: this.#perClass }),
      ...(task === 'regression' && { targets: momentsOf(this.#targets) }),
      ...(this.#dataset.vocabulary && { tokens: this.#tokens }),
    };
  }

  #refuse(what: string): never {
    throw new FlatminError(
      'DATA_INVALID',
      `${this.#dataset.id}, ${this.#name}: ${what}. This is a defect of the data or of its reader: report it to its author.`,
    );
  }
}
