import type { LossFunction, Spec } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { relativeNorm, StepComparison } from './compareStep.js';
import { importGolden } from './reference.js';
import { type CreateOptimizer, type ReferenceRun, summarize } from './runReference.js';

/** What the closed forms give for one variant. */
export interface QuadraticResult {
  readonly thetaAfter: readonly number[];
  readonly gap: number;
  readonly hypergradient: number;
  readonly secantHypergradient: number;
  readonly diagonalHypergradient: number;
  readonly eta?: number;
}

/** The closed forms of one step of LETS on two quadratics. */
export interface Quadratic {
  readonly schema: 1;
  readonly name: 'quadratic';
  readonly A: readonly (readonly number[])[];
  readonly b: readonly number[];
  readonly C: readonly (readonly number[])[];
  readonly d: readonly number[];
  readonly theta: readonly number[];
  readonly learningRate: number;
  readonly rho: number;
  readonly results: Readonly<Record<'sam' | 'asam', QuadraticResult>>;
}

export interface QuadraticCase {
  /** The variant that LETS wraps. */
  readonly inner: 'sam' | 'asam';
  readonly curvature: 'exact' | 'secant' | 'diagonal';
}

/** How the hypergradient is known, and how well float32 can have it: `exact` is a finite difference in TF.js. */
const forms = {
  exact: { field: 'hypergradient', tolerance: 5e-3, gradientEvaluations: 6 },
  secant: { field: 'secantHypergradient', tolerance: 5e-5, gradientEvaluations: 4 },
  diagonal: { field: 'diagonalHypergradient', tolerance: 5e-5, gradientEvaluations: 4 },
} as const;

/** The closed forms that `runQuadratic` compares with. */
export async function loadQuadratic(): Promise<Quadratic> {
  return (await importGolden('quadratic')) as Quadratic;
}

let thetas = 0;

/** 1/2 theta^T matrix theta - vector^T theta. */
function quadraticLoss(
  theta: tf.Variable,
  matrix: readonly (readonly number[])[],
  vector: readonly number[],
): LossFunction {
  return () => {
    const square = tf.matMul(tf.tensor2d(matrix.map((row) => [...row])), tf.reshape(theta, [-1, 1]));
    return tf.sub(
      tf.mul(0.5, tf.sum(tf.mul(theta, tf.squeeze(square)))),
      tf.sum(tf.mul(tf.tensor1d([...vector]), theta)),
    );
  };
}

/**
 * One step of LETS on two quadratics, where the derivative of the upper objective with respect to rho is known in
 * closed form: compares the weights, the gap, the hypergradient, the radius after a plain step and the count of
 * gradients.
 */
export async function runQuadratic(
  quadratic: Quadratic,
  { inner, curvature }: QuadraticCase,
  createOptimizer: CreateOptimizer,
): Promise<ReferenceRun> {
  const { A, b, C, d, learningRate, rho, results } = quadratic;
  const { eta, gap, thetaAfter, ...result } = results[inner];
  const upperLearningRate = 0.01;
  const spec: Spec = {
    use: 'lets',
    inner: { use: inner, rho, ...(eta === undefined ? {} : { eta }), base: { use: 'sgd', learningRate } },
    curvature,
    parameterization: 'linear',
    upper: { use: 'sgd', learningRate: upperLearningRate },
    rhoMin: 1e-6,
    rhoMax: 1,
  };
  // ASAM's operator holds for kernels.
  const theta = tf.tidy(() => tf.variable(tf.tensor1d([...quadratic.theta]), true, `quadratic${thetas++}/kernel`));
  const context = { validationLoss: quadraticLoss(theta, C, d), totalSteps: 1 };
  const optimizer = createOptimizer(spec as never, context);
  try {
    optimizer.minimize(quadraticLoss(theta, A, b), false, [theta]);
    const comparison = new StepComparison(0, await optimizer.readLastStep());
    const { field, tolerance, gradientEvaluations } = forms[curvature];
    const hypergradient = result[field];
    comparison.add('parameters', relativeNorm([await theta.data()], [thetaAfter]), 2e-6);
    comparison.absolute('gap', gap, 2e-5);
    comparison.relative('hypergradient', hypergradient, tolerance);
    comparison.relative('radiusAfter', Math.min(1, rho - upperLearningRate * hypergradient), tolerance);
    comparison.same('gradientEvaluations', gradientEvaluations);
    return summarize(`quadratic ${inner} ${curvature}`, comparison.deviations);
  } finally {
    optimizer.dispose();
    theta.dispose();
  }
}
