import { loadBackend } from '@flatmin/backend';
import { FlatminError } from '@flatmin/core';
import type { ProgressStream } from '@flatmin/training/node';
import { mkdir } from 'node:fs/promises';
import type { OpenedRun } from '../run/openRun.js';
import { RunLock } from '../run/runLock.js';
import { type LandscapeContext } from './landscapePoints.js';
import { measureAround, measureBetween, measureThrough } from './measureLandscape.js';
import { measureRun, type Radius } from './measureRun.js';
import { measureTrajectory, requireThree } from './measureTrajectory.js';
import type { Analysis, RunAnalysis } from './results.js';
import type { AnalysisSettings } from './settings.js';
import { loaded, type Minimum, minimumOf, requireOneModel, type Subject, subjectsOf } from './subject.js';
import { landscapeStage, stagesOfRun, Work } from './work.js';

/** How and where runs are analyzed. */
export interface AnalyzeContext {
  /** Where the points of landscapes are kept. */
  readonly folder: string;
  /** The version of flatmin, which may decide the last digits. */
  readonly version: string;
  readonly signal?: AbortSignal | undefined;
  readonly stream?: ProgressStream | undefined;
  /** Told where a landscape is ended before its last point. */
  readonly onKept?: LandscapeContext['onKept'];
}

/**
 * Measures runs as the settings ask, one after the other, and what lies between them.
 *
 * @throws FlatminError ANALYSIS_INVALID where a landscape is not for so many runs, where they are not of one model, or
 *   a trajectory has too few checkpoints; NON_FINITE where weights, or a loss at them, are no finite numbers.
 */
export async function analyzeRuns(
  runs: readonly OpenedRun[],
  settings: AnalysisSettings,
  context: AnalyzeContext,
): Promise<Analysis> {
  requireCount(runs.length, settings);
  const { name: backend } = await loadBackend(runs[0]?.config.backend);
  const subjects = await subjectsOf(runs, settings);
  if (settings.trajectory) await requireCheckpoints(subjects[0] as Subject);
  await mkdir(context.folder, { recursive: true });
  const lock = RunLock.take(context.folder);
  const work = new Work(stagesOf(subjects.length, settings), context);
  try {
    return await measured(subjects, settings, { ...context, settings, work, backend });
  } finally {
    work.end();
    lock.release();
  }
}

function requireCount(count: number, { landscape, trajectory }: AnalysisSettings): void {
  const refuse = (what: string, remedy: string): never => {
    throw new FlatminError('ANALYSIS_INVALID', `${what}, and there are ${count}. ${remedy}`);
  };
  if (landscape && count > 3) refuse('a landscape is of one, two or three runs', 'Name that many.');
  if (trajectory && count > 1) refuse('a trajectory is of one run', 'Name that one.');
}

async function requireCheckpoints({ run, seed }: Subject): Promise<void> {
  requireThree(run.directory, (await run.checkpoints(seed).steps()).length);
}

function stagesOf(count: number, settings: AnalysisSettings) {
  const each = Array.from({ length: count }, () => stagesOfRun(settings)).flat();
  return [
    ...each,
    ...(settings.landscape ? [landscapeStage(count === 2 ? 'line' : 'landscape', settings)] : []),
    ...(settings.trajectory ? [landscapeStage('trajectory', settings)] : []),
  ];
}

interface Measuring extends AnalyzeContext {
  readonly settings: AnalysisSettings;
  readonly work: Work;
  readonly backend: string;
}

async function measured(
  subjects: readonly Subject[],
  settings: AnalysisSettings,
  context: Measuring,
): Promise<Analysis> {
  const radius = radiusOf(subjects, settings);
  const runs: RunAnalysis[] = [];
  const minima: Minimum[] = [];
  for (const subject of subjects) {
    const { run, minimum } = await measuredOne(subject, radius, context, subjects.length === 1);
    runs.push(run);
    minima.push(minimum);
  }
  const [a, b, c] = minima;
  if (!settings.landscape || a === undefined || b === undefined) return { runs };
  requireOneModel(minima);
  const first = await loaded(a, settings, context.work.spend);
  try {
    const of = landscapeContext(context);
    if (c === undefined) return { runs, ...(await measureBetween(first, [a, b], of)) };
    return { runs, plane: await measureThrough(first, [a, b, c], of) };
  } finally {
    first.trained.dispose();
  }
}

async function measuredOne(
  subject: Subject,
  radius: Radius,
  context: Measuring,
  isAlone: boolean,
): Promise<{ readonly run: RunAnalysis; readonly minimum: Minimum }> {
  const { settings, work } = context;
  const one = await loaded(subject, settings, work.spend);
  try {
    const surface = await one.surface(settings.part);
    let [run, minimum]: [RunAnalysis | undefined, Minimum | undefined] = [undefined, undefined];
    try {
      run = await measureRun(one, surface, settings, { ...context, radius });
      minimum = await minimumOf(one, surface);
    } finally {
      surface.dispose();
    }
    if (!isAlone) return { run, minimum };
    const of = landscapeContext(context);
    const landscape = settings.landscape ? await measureAround(one, minimum, of) : undefined;
    const trajectory = settings.trajectory ? await measureTrajectory(one, minimum, of) : undefined;
    return { run: { ...run, ...(landscape && { landscape }), ...(trajectory && { trajectory }) }, minimum };
  } finally {
    one.trained.dispose();
  }
}

function landscapeContext({ backend, version, ...context }: Measuring): LandscapeContext {
  return { ...context, identity: { backend, version } };
}

/** rho where neither an option nor the runs say any: SAM's own default. */
const usualRadius = 0.05;

/** One radius for all runs, to compare them: the option, or what those that have one ended with, or else 0.05. */
export function radiusOf(subjects: readonly Pick<Subject, 'radius'>[], { rho }: Pick<AnalysisSettings, 'rho'>): Radius {
  if (rho !== undefined) return { rho, rhoFrom: 'option' };
  const distinct = new Set(subjects.flatMap(({ radius }) => radius ?? []));
  const [own] = distinct;
  return own !== undefined && distinct.size === 1
    ? { rho: own, rhoFrom: 'run' }
    : { rho: usualRadius, rhoFrom: 'default' };
}
