import type { LossFunction, SharpnessAwareOptimizer, Spec } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import { FisherProblem } from '../fisherProblem.js';
import { type Finding, Findings } from '../finding.js';
import { Problem } from '../problem.js';
import { refuses } from './lets.js';
import type { LetsAdapter, LetsSettings } from '../setup.js';
import { isPlugin, type Subject } from '../subject.js';
import { withOptimizer } from '../trajectory.js';

/** How many steps a run has for its variant to use rho, and how many of those that do are compared: the last ones. */
const steps = 6;
const compared = 2;

/** A problem whose upper objective is differentiated. */
interface UpperProblem {
  readonly variables: readonly tf.Variable[];
  readonly validationLoss: LossFunction;
  loss(t: number): LossFunction;
  reset(): void;
  dispose(): void;
}

interface Trial {
  readonly curvature: 'exact' | 'secant' | 'diagonal';
  readonly make: () => UpperProblem;
  /** The radius, in units of that of the cases. */
  readonly share: number;
  /** Relative to the largest finite difference of the run. */
  readonly tolerance: number;
}

/**
 * Each curvature where its value is that of the derivative:
 * - exact at the radius of the cases: two central differences, of gradients and of the objective, differ by 0.1 %, 0.6
 *   % at most over our variants;
 * - secant at a tenth of it: it is the mean of H d from 0 to rho, so that its error falls with rho: 0.1 % to 4 % there;
 * - diagonal on a loss whose Hessian is the square of its gradient, where the approximation is none: 0.1 %.
 * GSAM without the derivative of its projection is off by 5, 10 and 300 %, a sign by 200 %.
 */
const trials: readonly Trial[] = [
  { curvature: 'exact', make: () => new Problem(), share: 1, tolerance: 0.015 },
  { curvature: 'secant', make: () => new Problem(), share: 0.1, tolerance: 0.06 },
  { curvature: 'diagonal', make: () => new FisherProblem(), share: 1, tolerance: 0.015 },
];

/** C18: under each curvature the hypergradient is the derivative of the upper objective by rho, which two runs show. */
export async function checkHypergradient(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C18');
  const lets = subject.setup.lets as LetsAdapter;
  for (const trial of trials) {
    const problem = trial.make();
    try {
      await findings.attempt(trial.curvature, () => compare(subject, findings, problem, trial, lets));
    } finally {
      problem.dispose();
    }
  }
  return findings.list;
}

async function compare(
  subject: Subject,
  findings: Findings,
  problem: UpperProblem,
  { curvature, share, tolerance }: Trial,
  lets: LetsAdapter,
): Promise<void> {
  const { validationLoss } = problem;
  if (!subject.isLearnable({ validationLoss })) return; // C13 sees that it is refused.
  if (subject.curvatures({ validationLoss })?.includes(curvature) === false) {
    return refuses(findings, curvature, subject.plugin.id, () => wrap(subject, lets, problem, curvature, 1));
  }
  const own = subject.create(linearBase(subject), { validationLoss });
  const rho = share * own.radius;
  own.dispose();
  const create = (): SharpnessAwareOptimizer =>
    subject.create(linearBase(subject), { validationLoss }, subject.radiusOptions(rho));
  const hypergradients = await learned(problem, () => wrap(subject, lets, problem, curvature, rho));
  const at = [...hypergradients.keys()].slice(-compared);
  if (at.length === 0) return findings.add(curvature, `no step of ${steps} used the radius`);
  const differences = new Map<number, { readonly by: number; readonly noise: number }>();
  for (const t of at) differences.set(t, await difference(problem, create, t, rho));
  const largest = Math.max(...[...differences.values()].map(({ by }) => Math.abs(by)));
  for (const [t, { by, noise }] of differences) {
    const hypergradient = hypergradients.get(t) as number;
    if (Math.abs(hypergradient - by) <= tolerance * largest + noise) continue;
    const where = `${hypergradient.toPrecision(4)}, the finite difference ${by.toPrecision(4)}`;
    findings.add(curvature, `the hypergradient of step ${t} is ${where}, tolerance ${tolerance} of the largest`);
  }
}

/** The catalogue leaves the check out where there is none. */
const linearBase = (subject: Subject): Spec => subject.linearBase as Spec;

/** The variant inside a LETS that differentiates one step and leaves rho where it is. */
function wrap(
  subject: Subject,
  lets: LetsAdapter,
  { validationLoss }: UpperProblem,
  curvature: Trial['curvature'],
  rho: number,
): SharpnessAwareOptimizer {
  const settings: LetsSettings = {
    curvature,
    ...{ objective: 'validation', projection: false, memory: 0, parameterization: 'linear' },
    upper: { use: 'sgd', learningRate: 1e-30 },
    rhoMin: rho / 10,
    rhoMax: rho * 10,
  };
  const inner = subject.spec(linearBase(subject), subject.radiusOptions(rho));
  if (isPlugin(lets)) return subject.from({ use: lets.id, ...settings, inner }, { validationLoss });
  return lets(subject.from(inner, { validationLoss }), { ...settings, validationLoss });
}

/** The hypergradient of each step that has one. */
async function learned(
  problem: UpperProblem,
  create: () => SharpnessAwareOptimizer,
): Promise<ReadonlyMap<number, number>> {
  problem.reset();
  const found = new Map<number, number>();
  await withOptimizer(create, async (optimizer) => {
    for (let t = 0; t < steps; t++) {
      optimizer.minimize(problem.loss(t), false, [...problem.variables]);
      const { hypergradient } = await optimizer.readLastStep();
      if (typeof hypergradient === 'number') found.set(t, hypergradient);
    }
  });
  return found;
}

/** (U(rho + h) - U(rho - h)) / 2 h of step t, U the validation loss after it, and how far float32 may be from it. */
async function difference(problem: UpperProblem, create: () => SharpnessAwareOptimizer, t: number, rho: number) {
  const reach = rho / 8;
  const ahead = await upperAfter(problem, create, t, rho + reach);
  const behind = await upperAfter(problem, create, t, rho - reach);
  const noise = (Math.max(Math.abs(ahead), 1) * 2 ** -23) / reach;
  return { by: (ahead - behind) / (2 * reach), noise };
}

/** The validation loss after step t, which alone has this radius. */
async function upperAfter(
  problem: UpperProblem,
  create: () => SharpnessAwareOptimizer,
  t: number,
  radius: number,
): Promise<number> {
  problem.reset();
  return withOptimizer(create, async (optimizer) => {
    for (let i = 0; i <= t; i++) {
      if (i === t) optimizer.radius = radius;
      optimizer.minimize(problem.loss(i), false, [...problem.variables]);
    }
    const loss = problem.validationLoss();
    const [value] = await loss.data();
    loss.dispose();
    return value as number;
  });
}
