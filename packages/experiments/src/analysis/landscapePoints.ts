import type { LandscapeOptions, LandscapePoint, LossSurface, Surfaces, Vector } from '@flatmin/analysis';
import { FlatminError } from '@flatmin/core';
import type { PartName } from '@flatmin/training';
import { type LandscapeIdentity, PointFile } from './pointFile.js';
import type { LineAnalysis } from './results.js';
import { type AnalysisSettings, drawnBy } from './settings.js';
import { type LoadedSubject, type Minimum, partsOf, printOf, setStatistics } from './subject.js';
import type { Work } from './work.js';

/** Where and how landscapes are measured. */
export interface LandscapeContext {
  readonly settings: AnalysisSettings;
  readonly work: Work;
  /** Where points are kept. */
  readonly folder: string;
  /** What decides points beside the runs: backend, version. */
  readonly identity: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Told where a landscape is ended before its last point. */
  readonly onKept?: ((file: string, points: number, of: number) => void) | undefined;
}

/** Measures with the surfaces of all parts of a landscape; the first is that of the part that was asked for. */
export async function withSurfaces<T>(
  subject: LoadedSubject,
  { part }: AnalysisSettings,
  measure: (surfaces: Surfaces, first: LossSurface) => Promise<T>,
): Promise<T> {
  const surfaces: Partial<Record<PartName, LossSurface>> = {};
  try {
    for (const name of partsOf(subject, part)) surfaces[name] = await subject.surface(name);
    return await measure(surfaces, Object.values(surfaces)[0] as LossSurface);
  } finally {
    Object.values(surfaces).forEach((surface) => surface.dispose());
  }
}

/** Measures points, but for those that are kept already, and keeps them. */
export async function kept<T>(
  identity: LandscapeIdentity,
  count: number,
  { folder, signal, onKept }: LandscapeContext,
  measure: (options: LandscapeOptions) => Promise<T>,
): Promise<T> {
  const file = new PointFile(folder, identity);
  try {
    const found = await measure({ known: file.known, onPoint: file.add, ...(signal && { signal }) });
    signal?.throwIfAborted();
    return found;
  } catch (error) {
    if (signal?.aborted === true) onKept?.(file.path, file.count, count);
    throw error;
  } finally {
    file.close();
  }
}

/** All that decides the points of a landscape. */
export function identityOf(
  kind: string,
  minima: readonly Minimum[],
  grid: object,
  surfaces: Surfaces,
  { settings, identity }: LandscapeContext,
): LandscapeIdentity {
  const [first] = minima as readonly [Minimum];
  const { batchSize, normalizeLogits } = settings;
  return {
    ...{ kind, step: first.step, seed: first.seed },
    runs: minima.map(({ step, seed, weights, statistics }) => ({ step, seed, print: printOf(weights, statistics) })),
    model: first.shapes,
    data: first.data,
    examples: Object.fromEntries(Object.entries(surfaces).map(([part, { examples }]) => [part, examples])),
    ...{ drawnBy, batchSize, normalizeLogits, grid },
    ...identity,
  };
}

/**
 * Surfaces whose statistics lie between those of runs as their points do: the model of one run with the weights of
 * another has to have the moving averages of that one, too. Beyond the runs they are those of the nearest.
 *
 * @param sharesOf the shares of the runs in a point, which add up to 1.
 */
export function withStatistics(
  surfaces: Surfaces,
  { trained }: LoadedSubject,
  minima: readonly Minimum[],
  sharesOf: (point: Vector) => readonly number[],
): Surfaces {
  const [first] = minima as readonly [Minimum];
  if (first.statistics.length === 0) return surfaces;
  const moved = (surface: LossSurface): LossSurface => ({
    ...surface,
    weights: surface.weights,
    async value(point = surface.weights) {
      const shares = within(sharesOf(point));
      const between = first.statistics.map((own, s) =>
        own.map((_, i) =>
          minima.reduce((sum, { statistics }, m) => sum + (shares[m] as number) * (statistics[s]?.[i] as number), 0),
        ),
      );
      setStatistics(trained, between);
      try {
        return await surface.value(point);
      } finally {
        setStatistics(trained, first.statistics);
      }
    },
  });
  return Object.fromEntries(Object.entries(surfaces).map(([part, surface]) => [part, moved(surface)]));
}

/** Shares without any below 0. */
export function within(shares: readonly number[]): readonly number[] {
  const above = shares.map((share) => Math.max(0, share));
  const sum = above.reduce((total, share) => total + share, 0);
  return above.map((share) => share / sum);
}

type Measured<T> = Pick<LineAnalysis, 'metric' | 'examples'> & {
  readonly losses: Partial<Record<PartName, T>>;
  readonly metrics?: Partial<Record<PartName, T>>;
};

/** Losses, and a metric, of points by part. */
export function measuredOf<T>(
  points: readonly LandscapePoint[],
  surfaces: Surfaces,
  { metric: asked }: AnalysisSettings,
  arranged: (values: readonly number[]) => T,
): Measured<T> {
  const parts = Object.keys(surfaces) as readonly PartName[];
  const ofParts = <V>(of: (part: PartName) => V): Partial<Record<PartName, V>> =>
    Object.fromEntries(parts.map((part) => [part, of(part)]));
  const metric = metricOf(points, parts, asked);
  return {
    losses: ofParts((part) => arranged(points.map(({ values }) => values[part]?.loss ?? NaN))),
    examples: ofParts((part) => surfaces[part]?.examples ?? NaN),
    ...(metric !== undefined && {
      metric,
      metrics: ofParts((part) => arranged(points.map(({ values }) => values[part]?.metrics[metric] ?? NaN))),
    }),
  };
}

function metricOf(
  points: readonly LandscapePoint[],
  parts: readonly PartName[],
  asked: string | undefined,
): string | undefined {
  const names = Object.keys(points[0]?.values[parts[0] as PartName]?.metrics ?? {});
  requireMetric(names, asked);
  return asked ?? (names.includes('accuracy') ? 'accuracy' : names[0]);
}

/** @throws FlatminError ANALYSIS_INVALID for a metric that the task has not. */
export function requireMetric(names: readonly string[], asked: string | undefined): void {
  if (asked === undefined || names.includes(asked)) return;
  throw new FlatminError(
    'ANALYSIS_INVALID',
    `there is no metric "${asked}" here. Use ${names.length === 0 ? 'none' : `one of: ${names.join(', ')}`}.`,
  );
}
