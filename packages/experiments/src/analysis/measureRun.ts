import {
  averageCaseSharpness,
  blockCurvature,
  gaussNewton,
  hessian,
  type LossSurface,
  type Operator,
  oneStepSharpness,
  spectralDensity,
  topEigenvalues,
  trace,
  worstCaseSharpness,
} from '@flatmin/analysis';
import type { CurvatureAnalysis, RunAnalysis, SharpnessAnalysis } from './results.js';
import { type AnalysisSettings, drawnBy } from './settings.js';
import type { LoadedSubject } from './subject.js';
import type { Work } from './work.js';

/** Radius of the ball of runs, and where it comes from. */
export type Radius = Pick<SharpnessAnalysis, 'rho' | 'rhoFrom'>;

/** What is measured of a run by itself, but for landscapes. */
export async function measureRun(
  subject: LoadedSubject,
  surface: LossSurface,
  settings: AnalysisSettings,
  { work, radius, backend }: { readonly work: Work; readonly radius: Radius; readonly backend: string },
): Promise<RunAnalysis> {
  const { run, name, seed, trained } = subject;
  work.begin('loss', name);
  const { loss, metrics } = await surface.value();
  const { gradient } = await surface.gradient();
  const curvature = settings.hessian ? await measureCurvature(surface, settings, work, name) : {};
  const sharpness = settings.sharpness ? await measureSharpness(surface, settings, radius, work, name) : undefined;
  const { eagerBecause } = surface;
  return {
    run: run.directory,
    ...{ name, dataset: run.config.dataset.use, model: run.config.model.use, seed },
    ...{ weights: trained.which, step: trained.step, backend },
    ...(eagerBecause !== undefined && { eagerBecause }),
    part: settings.part,
    examples: surface.examples,
    partExamples: trained.dataset[settings.part].size,
    ...{ batchSize: settings.batchSize, drawnBy, normalizedLogits: settings.normalizeLogits, parameters: surface.size },
    ...(subject.radius !== undefined && { radius: subject.radius }),
    ...{ loss, metrics },
    gradientNorm: Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0)),
    ...curvature,
    ...(sharpness && { sharpness }),
  };
}

type Curvature = Pick<RunAnalysis, 'hessian' | 'gaussNewton' | 'density' | 'blocks'>;

async function measureCurvature(
  surface: LossSurface,
  settings: AnalysisSettings,
  work: Work,
  name: string,
): Promise<Curvature> {
  work.begin('eigenvalues', name);
  const operator = await hessian(surface, { seed: drawnBy });
  const ofHessian = await spectrumOf(operator, settings, () => work.begin('trace', name));
  if (settings.density) work.begin('spectral density', name);
  const density = settings.density ? await spectralDensity(operator, { seed: drawnBy }) : undefined;
  if (settings.blocks) work.begin('blocks', name);
  const blocks = settings.blocks
    ? await blockCurvature(surface, settings.blocks, { operator, seed: drawnBy })
    : undefined;
  if (settings.gaussNewton) work.begin('Gauss-Newton matrix', name);
  const ofGaussNewton = settings.gaussNewton
    ? await spectrumOf(await gaussNewton(surface, { seed: drawnBy }), settings)
    : undefined;
  return {
    hessian: ofHessian,
    ...(ofGaussNewton && { gaussNewton: ofGaussNewton }),
    ...(density && { density }),
    ...(blocks && { blocks }),
  };
}

async function spectrumOf(
  operator: Operator,
  { k, products }: AnalysisSettings,
  beforeTrace: () => void = () => undefined,
): Promise<CurvatureAnalysis> {
  const { eigenvalues, residuals, converged } = await topEigenvalues(operator, { k, seed: drawnBy });
  beforeTrace();
  const { trace: sum, standardError } = await trace(operator, { products, seed: drawnBy });
  return {
    ...{ eigenvalues, eigenvalueErrors: residuals, converged },
    trace: sum,
    ...errorAs('traceError', standardError),
    ...{ differenceStep: operator.step, differenceError: operator.error },
  };
}

/** An error under its name; nothing where one value cannot tell any. */
function errorAs<N extends string>(name: N, error: number): Partial<Record<N, number>> {
  return Number.isNaN(error) ? {} : ({ [name]: error } as Record<N, number>);
}

async function measureSharpness(
  surface: LossSurface,
  { adaptive, batchSize }: AnalysisSettings,
  { rho, rhoFrom }: Radius,
  work: Work,
  name: string,
): Promise<SharpnessAnalysis> {
  work.begin('sharpness', name);
  const rhoPerWeight = rho / Math.sqrt(surface.size);
  const worst = async (options: object): Promise<number> =>
    (await worstCaseSharpness(surface, { rho, ...options })).sharpness;
  const one = async (isAdaptive: boolean): Promise<number> =>
    (await oneStepSharpness(surface, { rho, adaptive: isAdaptive })).sharpness;
  const noise = (isAdaptive: boolean) =>
    averageCaseSharpness(surface, { rho: rhoPerWeight, adaptive: isAdaptive, seed: drawnBy });
  const byBatch = (isAdaptive: boolean) => worstCaseSharpness(surface, { rho, adaptive: isAdaptive, perBatch: true });
  const linf = { norm: 'linf', rho: rhoPerWeight } as const;
  const [average, m] = [await noise(false), await byBatch(false)];
  const plain = {
    ...{ rho, rhoFrom, rhoPerWeight },
    oneStep: await one(false),
    worstCase: await worst({}),
    worstCaseLinf: await worst(linf),
    average: average.sharpness,
    averageError: average.standardError,
    m: Math.min(batchSize, surface.examples),
    mSharpness: m.sharpness,
    ...errorAs('mSharpnessError', m.standardError),
    oneStepAdaptive: await one(true),
    worstCaseAdaptive: await worst({ adaptive: true }),
  };
  if (!adaptive) return plain;
  const [averageAdaptive, mAdaptive] = [await noise(true), await byBatch(true)];
  return {
    ...plain,
    worstCaseLinfAdaptive: await worst({ ...linf, adaptive: true }),
    averageAdaptive: averageAdaptive.sharpness,
    averageAdaptiveError: averageAdaptive.standardError,
    mSharpnessAdaptive: mAdaptive.sharpness,
    ...errorAs('mSharpnessAdaptiveError', mAdaptive.standardError),
  };
}
