import type { StepMetrics } from '@flatmin/core';
import type { Deviation } from './deviation.js';
import type { Reference, ReferenceStep } from './reference.js';

/** A float32 radius is this close to the float64 one; used where a file gives no tolerance of its own. */
const radiusTolerance = 1e-6;
/** A norm is a root of a sum of rounded squares. */
const normTolerance = 1e-5;
/** Metrics computed from differences or moving averages of the others. */
const derivedTolerance = 1e-4;

/** ||a - b|| / ||b|| over all parameters as one long vector. */
export function relativeNorm(actual: readonly ArrayLike<number>[], expected: readonly (readonly number[])[]): number {
  let difference = 0;
  let size = 0;
  expected.forEach((values, i) =>
    values.forEach((value, j) => {
      difference += (value - (actual[i]?.[j] ?? Number.NaN)) ** 2;
      size += value ** 2;
    }),
  );
  return Math.sqrt(difference / (size || 1));
}

/** Compares one step of a run with its reference. */
export class StepComparison {
  readonly deviations: Deviation[] = [];
  readonly #step: number;
  readonly #metrics: StepMetrics;

  constructor(step: number, metrics: StepMetrics) {
    this.#step = step;
    this.#metrics = metrics;
  }

  /** A metric whose tolerance is absolute. */
  absolute(metric: string, expected: number, tolerance: number): void {
    const actual = this.#metrics[metric];
    if (typeof actual !== 'number') return this.different(metric, actual, expected);
    this.add(metric, Math.abs(actual - expected), tolerance);
  }

  /** A metric whose tolerance is relative to `size`; null means null. */
  relative(metric: string, expected: number | null, tolerance: number, size = Math.abs(expected ?? 0)): void {
    const actual = this.#metrics[metric] ?? null;
    if (expected === null && actual === null) return;
    if (expected === null || typeof actual !== 'number') return this.different(metric, actual, expected);
    this.add(metric, Math.abs(actual - expected) / (size || 1), tolerance);
  }

  /** A metric that has to be the very same. */
  same(metric: string, expected: string | number): void {
    const actual = this.#metrics[metric];
    if (actual !== expected) this.different(metric, actual, expected);
  }

  add(metric: string, by: number, tolerance: number): void {
    this.deviations.push({ step: this.#step, metric, by, tolerance });
  }

  different(metric: string, actual: unknown, expected: unknown): void {
    const text = `${String(actual)} instead of ${String(expected)}`;
    this.deviations.push({ step: this.#step, metric, by: Number.NaN, tolerance: 0, text });
  }
}

/** The weights after a step. */
export interface RunWeights {
  readonly parameters: readonly ArrayLike<number>[];
  /** Those to evaluate with; null where they are the same. */
  readonly evaluated: readonly ArrayLike<number>[] | null;
}

/** Compares the weights to evaluate with, which a file may record as none before the first of an average. */
function compareEvaluated(
  comparison: StepComparison,
  { evaluationParameters, averageParameters }: ReferenceStep,
  evaluated: RunWeights['evaluated'],
  tolerance: number,
): void {
  for (const [metric, expected] of Object.entries({ evaluationParameters, averageParameters })) {
    if (expected === undefined) continue;
    if (expected === null ? evaluated !== null : evaluated === null) {
      const text = (weights: unknown): string | null => (weights === null ? null : 'weights');
      comparison.different(metric, text(evaluated), text(expected));
    } else if (expected !== null) comparison.add(metric, relativeNorm(evaluated ?? [], expected), tolerance);
  }
}

/** Every deviation of one step from what its file recorded. */
export function compareStep(
  reference: Reference,
  step: number,
  metrics: StepMetrics,
  { parameters, evaluated }: RunWeights,
): readonly Deviation[] {
  const expected = reference.steps[step] as ReferenceStep;
  const tolerance = reference.recommendedFloat32Tolerance;
  const comparison = new StepComparison(step, metrics);
  const radius = tolerance.radius ?? radiusTolerance;
  const norms = Math.max(normTolerance, 10 * tolerance.parameters, radius);
  comparison.add('parameters', relativeNorm(parameters, expected.parameters), tolerance.parameters);
  compareEvaluated(comparison, expected, evaluated, tolerance.parameters);
  comparison.absolute('loss', expected.loss, tolerance.loss);
  if (expected.radius !== undefined) comparison.relative('radius', expected.radius, radius);
  if (expected.perturbationNorm !== undefined)
    comparison.relative('perturbationNorm', expected.perturbationNorm, norms);
  if (expected.gradientEvaluations !== undefined) comparison.same('gradientEvaluations', expected.gradientEvaluations);
  if (expected.branch !== undefined) comparison.same('branch', expected.branch);
  if (expected.capped !== undefined) comparison.same('capped', Number(expected.capped));
  if (expected.radiusAfter !== undefined) comparison.relative('radiusAfter', expected.radiusAfter, radius);
  // A gap is the difference of two losses, each with its own error.
  if (expected.gap !== undefined) comparison.absolute('gap', expected.gap, 2 * tolerance.loss);
  if (expected.validationLoss !== undefined)
    comparison.absolute('validationLoss', expected.validationLoss, tolerance.loss);
  if (expected.hypergradient !== undefined) {
    const largest = Math.max(...reference.steps.map(({ hypergradient }) => Math.abs(hypergradient ?? 0)));
    comparison.relative('hypergradient', expected.hypergradient, tolerance.hypergradient ?? derivedTolerance, largest);
  }
  for (const metric of [
    'squaredNorm',
    'threshold',
    'perturbedLoss',
    'stepSize',
    'alpha',
    'forwardEvaluations',
  ] as const) {
    // These are a variant's own metrics: compared where it reports them.
    if (expected[metric] === undefined || metrics[metric] === undefined) continue;
    comparison.relative(metric, expected[metric], derivedTolerance);
  }
  return comparison.deviations;
}
