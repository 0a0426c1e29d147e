import type { StepMetrics, LossFunction, OptimizerContext, SharpnessAwareOptimizer } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Findings } from './finding.js';
import { Problem } from './problem.js';
import { relativeNorm } from './reference/compareStep.js';
import { brief } from './reference/deviation.js';

/** What a run left. */
export interface Trajectory {
  readonly weights: readonly Float32Array[];
  readonly metrics: readonly StepMetrics[];
}

export interface Stretch {
  /** Index of the first step. */
  readonly from?: number;
  readonly steps: number;
  /** Default: those of the problem, in its order. */
  readonly variables?: readonly tf.Variable[];
  /** Default: the problem's training loss of step t. */
  readonly lossOf?: (t: number) => LossFunction;
}

/** Takes steps and reads what they left. */
export async function train(
  problem: Problem,
  optimizer: SharpnessAwareOptimizer,
  { from = 0, steps, variables = problem.variables, lossOf = (t) => problem.loss(t) }: Stretch,
): Promise<Trajectory> {
  const metrics: StepMetrics[] = [];
  for (let t = from; t < from + steps; t++) {
    optimizer.minimize(lossOf(t), false, [...variables]);
    metrics.push(await optimizer.readLastStep());
  }
  return { weights: await problem.values(), metrics };
}

/** Gives a part of a check the problem, and frees it whatever happens. */
export async function withProblem<T>(part: (problem: Problem, context: OptimizerContext) => Promise<T>): Promise<T> {
  const problem = new Problem();
  try {
    return await part(problem, { validationLoss: problem.validationLoss });
  } finally {
    problem.dispose();
  }
}

/** Gives a part of a check an optimizer, and frees it whatever happens. */
export async function withOptimizer<T>(
  create: () => SharpnessAwareOptimizer,
  part: (optimizer: SharpnessAwareOptimizer) => Promise<T>,
): Promise<T> {
  const optimizer = create();
  try {
    return await part(optimizer);
  } finally {
    optimizer.dispose();
  }
}

/** A run from the start of the problem, with an optimizer of its own. */
export async function runFromStart(
  problem: Problem,
  create: () => SharpnessAwareOptimizer,
  stretch: Stretch,
): Promise<Trajectory> {
  problem.reset();
  return withOptimizer(create, (optimizer) => train(problem, optimizer, stretch));
}

/** How many numbers of two lists of arrays have other bits. */
export function differing(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  const values = a.flatMap((array) => Array.from(array));
  const others = b.flatMap((array) => Array.from(array));
  return values.filter((value, i) => !Object.is(value, others[i])).length;
}

interface Comparison {
  /** Relative; 0 is bit for bit. */
  readonly tolerance?: number | undefined;
  readonly metrics?: readonly ('loss' | 'radius')[];
}

/** Finds where two runs differ: in their weights, and in metrics of their steps. */
export function compareRuns(
  findings: Findings,
  where: string,
  actual: Trajectory,
  expected: Trajectory,
  { tolerance = 0, metrics = ['loss', 'radius'] }: Comparison = {},
): void {
  const steps = expected.metrics.length;
  const by = relativeNorm(
    actual.weights,
    expected.weights.map((array) => Array.from(array)),
  );
  const count = differing(actual.weights, expected.weights);
  if (tolerance === 0 && count > 0) {
    findings.add(where, `${count} weights have other bits after ${steps} steps, off by ${brief(by)}, and none may`);
  } else if (tolerance > 0) {
    findings.within(where, `parameters after ${steps} steps`, by, tolerance);
  }
  for (const metric of metrics) {
    const step = actual.metrics.findIndex(
      (step, t) => !isClose(step[metric], expected.metrics[t]?.[metric], tolerance),
    );
    if (step < 0) continue;
    const text = `${actual.metrics[step]?.[metric]} instead of ${expected.metrics[step]?.[metric]}`;
    findings.add(where, `${metric} of step ${step} is ${text}, tolerance ${brief(tolerance)}`);
  }
}

function isClose(a: number | null, b: number | null | undefined, tolerance: number): boolean {
  if (tolerance === 0 || a === null || typeof b !== 'number') return Object.is(a, b);
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
}
