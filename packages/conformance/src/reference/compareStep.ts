import type { LastStep } from '@flatmin/core';
import type { Deviation } from './deviation.js';
import type { Reference, ReferenceStep } from './reference.js';

/** A float32 radius is this close to the float64 one; used where a file gives no tolerance of its own. */
const radiusTolerance = 1e-6;
/** A norm is a root of a sum of rounded squares. */
const normTolerance = 1e-5;
/** Figures computed from differences or moving averages of the others. */
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
  readonly #figures: LastStep;

  constructor(step: number, figures: LastStep) {
    this.#step = step;
    this.#figures = figures;
  }

  /** A figure whose tolerance is absolute. */
  absolute(figure: string, expected: number, tolerance: number): void {
    const actual = this.#figures[figure];
    if (typeof actual !== 'number') return this.different(figure, actual, expected);
    this.add(figure, Math.abs(actual - expected), tolerance);
  }

  /** A figure whose tolerance is relative to `size`; null means null. */
  relative(figure: string, expected: number | null, tolerance: number, size = Math.abs(expected ?? 0)): void {
    const actual = this.#figures[figure] ?? null;
    if (expected === null && actual === null) return;
    if (expected === null || typeof actual !== 'number') return this.different(figure, actual, expected);
    this.add(figure, Math.abs(actual - expected) / (size || 1), tolerance);
  }

  /** A figure that has to be the very same. */
  same(figure: string, expected: string | number): void {
    const actual = this.#figures[figure];
    if (actual !== expected) this.different(figure, actual, expected);
  }

  add(figure: string, by: number, tolerance: number): void {
    this.deviations.push({ step: this.#step, figure, by, tolerance });
  }

  different(figure: string, actual: unknown, expected: unknown): void {
    const text = `${String(actual)} instead of ${String(expected)}`;
    this.deviations.push({ step: this.#step, figure, by: Number.NaN, tolerance: 0, text });
  }
}

/** Every deviation of one step from what its file recorded. */
export function compareStep(
  reference: Reference,
  step: number,
  figures: LastStep,
  parameters: readonly ArrayLike<number>[],
): readonly Deviation[] {
  const expected = reference.steps[step] as ReferenceStep;
  const tolerance = reference.recommendedFloat32Tolerance;
  const comparison = new StepComparison(step, figures);
  const radius = tolerance.radius ?? radiusTolerance;
  const norms = Math.max(normTolerance, 10 * tolerance.parameters, radius);
  comparison.add('parameters', relativeNorm(parameters, expected.parameters), tolerance.parameters);
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
  for (const figure of [
    'squaredNorm',
    'threshold',
    'perturbedLoss',
    'stepSize',
    'alpha',
    'forwardEvaluations',
  ] as const) {
    // These are a variant's own figures: compared where it reports them.
    if (expected[figure] === undefined || figures[figure] === undefined) continue;
    comparison.relative(figure, expected[figure], derivedTolerance);
  }
  return comparison.deviations;
}
