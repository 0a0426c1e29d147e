import { type LossSurface, modelSurface, type Vector } from '@flatmin/analysis';
import { FlatminError } from '@flatmin/core';
import type { PartName } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { dataPrint } from '../run/dataPrint.js';
import { nameOfRun } from '../run/methodName.js';
import type { OpenedRun } from '../run/openRun.js';
import { oneSeed, type TrainedSeed, trainedSeed } from '../run/trainedSeed.js';
import { followed } from './followed.js';
import { type AnalysisSettings, drawnBy } from './settings.js';

/** A run that is analyzed, before its data and model are built. */
export interface Subject {
  readonly run: OpenedRun;
  /** What tables and charts call it. */
  readonly name: string;
  readonly seed: number;
  /** rho as the run ended with it. */
  readonly radius?: number;
}

/**
 * The runs by their folders, with names that differ.
 *
 * @throws FlatminError RUN_INVALID where a seed has to be chosen, or has no checkpoint.
 */
export async function subjectsOf(
  runs: readonly OpenedRun[],
  { seed, weights }: Pick<AnalysisSettings, 'seed' | 'weights'>,
): Promise<readonly Subject[]> {
  const seeds = runs.map((run) => oneSeed(run, seed));
  const names = distinct(
    runs.map(({ config, directory }, i) => ({ name: nameOfRun(config), seed: seeds[i] as number, directory })),
  );
  const subjects: Subject[] = [];
  for (const [i, run] of runs.entries()) {
    const one = seeds[i] as number;
    const { state, tensors } = await run.weights(one, weights);
    tf.dispose(tensors.map(({ tensor }) => tensor));
    // A number of float32 in as many figures as that has.
    const radius = Number((state.radius ?? 0).toPrecision(7));
    subjects.push({ run, name: names[i] as string, seed: one, ...(radius > 0 && { radius }) });
  }
  return subjects;
}

interface Named {
  readonly name: string;
  readonly seed: number;
  readonly directory: string;
}

/** What tells runs of one name apart, the shortest first. */
const apart: readonly ((run: Named) => string)[] = [
  ({ seed }) => `seed ${seed}`,
  ({ directory }) => path.basename(directory),
  ({ directory }) => directory,
];

/** Names of runs; those that share one have with it their seed, or where those are the same, too, their folder. */
export function distinct(runs: readonly Named[]): readonly string[] {
  return runs.map((run) => {
    const alike = runs.filter(({ name }) => name === run.name);
    if (alike.length === 1) return run.name;
    const tells = apart.find((of) => new Set(alike.map(of)).size === alike.length) ?? apart.at(-1);
    return `${run.name} · ${tells?.(run)}`;
  });
}

/** A run with its data, its model and its weights. */
export interface LoadedSubject extends Subject {
  readonly trained: TrainedSeed;
  /** The loss on examples of a part; the caller's to dispose. */
  surface(part: PartName): Promise<LossSurface>;
}

/** @param follow is called before each pass. */
export async function loaded(
  subject: Subject,
  settings: AnalysisSettings,
  follow: (cost: number) => Promise<void>,
): Promise<LoadedSubject> {
  const trained = await trainedSeed(subject.run, subject.seed, settings.weights);
  const { examples, batchSize, normalizeLogits } = settings;
  return {
    ...subject,
    trained,
    surface: async (part) =>
      followed(
        await modelSurface(trained.model, trained.dataset, {
          part,
          examples,
          batchSize,
          normalizeLogits,
          seed: drawnBy,
        }),
        follow,
      ),
  };
}

/** Parts that a landscape is measured on: the one that was asked for, and the test part, or that and train. */
export function partsOf({ trained }: Pick<LoadedSubject, 'trained'>, part: PartName): readonly PartName[] {
  const both: readonly PartName[] = part === 'test' ? ['train', 'test'] : [part, 'test'];
  return both.filter((name) => trained.dataset[name].size > 0);
}

/** What a model computes with beside its trainable weights, such as moving averages: in the order of its variables. */
export type Statistics = readonly Vector[];

export async function statisticsOf({ model }: Pick<TrainedSeed, 'model'>): Promise<Statistics> {
  const frozen = model.variables.filter(({ trainable }) => !trainable);
  return Promise.all(frozen.map(async (variable) => Float32Array.from(await variable.data())));
}

export function setStatistics({ model }: Pick<TrainedSeed, 'model'>, statistics: Statistics): void {
  const frozen = model.variables.filter(({ trainable }) => !trainable);
  frozen.forEach((variable, i) => {
    const value = tf.tensor(statistics[i] as Vector, variable.shape, variable.dtype);
    variable.assign(value);
    value.dispose();
  });
}

/** All of a model in a few characters: two that differ in one bit differ here. */
export function printOf(weights: Vector, statistics: Statistics): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of [weights, ...statistics]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** What of a run a landscape keeps when its model is gone. */
export interface Minimum extends Subject {
  readonly step: number;
  readonly weights: Vector;
  readonly statistics: Statistics;
  /** Shapes of the weights, to see that minima are of one model. */
  readonly shapes: string;
  readonly data: string;
}

export async function minimumOf(subject: LoadedSubject, { weights, parameters }: LossSurface): Promise<Minimum> {
  const { run, name, seed, radius, trained } = subject;
  return {
    ...{ run, name, seed, weights },
    ...(radius !== undefined && { radius }),
    step: trained.step,
    statistics: await statisticsOf(trained),
    shapes: `${trained.model.description}, weights of ${parameters.map(({ shape }) => `[${shape.join(', ')}]`).join(' ')}`,
    data: await dataPrint(trained.dataset),
  };
}

/** @throws FlatminError ANALYSIS_INVALID where minima are not of one model on one data set. */
export function requireOneModel([first, ...others]: readonly Minimum[]): void {
  for (const other of others) {
    for (const [what, a, b] of [
      ['models', first?.shapes, other.shapes],
      ['data', first?.data, other.data],
    ] as const) {
      if (a === b) continue;
      throw new FlatminError(
        'ANALYSIS_INVALID',
        `${first?.name} and ${other.name} have different ${what}, and nothing lies between them: ${a}; ${b}. Give runs of one model on one data set, or leave --landscape out.`,
      );
    }
  }
}
