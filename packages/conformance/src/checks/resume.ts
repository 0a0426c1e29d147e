import type { OptimizerContext, SharpnessAwareOptimizer, Spec } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Options } from '../cases.js';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { compareRuns, runFromStart, train, type Trajectory, withOptimizer, withProblem } from '../trajectory.js';

/** All that TF.js has. */
const everyBase: readonly Spec[] = [
  { use: 'sgd', learningRate: 0.1 },
  { use: 'momentum', learningRate: 0.05, momentum: 0.9 },
  { use: 'adam', learningRate: 0.01 },
  { use: 'adamax', learningRate: 0.01 },
  { use: 'adagrad', learningRate: 0.05 },
  { use: 'adadelta', learningRate: 0.5 },
  { use: 'rmsprop', learningRate: 0.01, momentum: 0.5, centered: true },
];

/** C8: training 2n steps is training n, saving, loading and training n, bit for bit, in whatever order variables come. */
export async function checkResume(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C8');
  const bases = subject.cases.bases ?? everyBase;
  await withProblem(async (problem, context) => {
    for (const base of bases) {
      await findings.attempt(`base ${base.use}`, () => resume(subject, findings, problem, context, base));
    }
    if (subject.plugin.kind !== 'variant') return;
    await findings.attempt('every 3', () =>
      resume(subject, findings, problem, context, (bases[1] ?? bases[0]) as Spec, { every: 3 }, 'every 3, '),
    );
  });
  return findings.list;
}

async function resume(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  context: OptimizerContext,
  base: Spec,
  options: Options = {},
  label = '',
): Promise<void> {
  const n = subject.cases.resumeAfter ?? 5;
  const create = (): SharpnessAwareOptimizer => subject.create(base, { ...context, totalSteps: 2 * n }, options);
  const whole = await runFromStart(problem, create, { steps: 2 * n });
  const expected = { ...whole, metrics: whole.metrics.slice(n) };
  const orders = { 'in order': problem.variables, 'in another order': [...problem.variables].reverse() };
  for (const [order, variables] of Object.entries(orders)) {
    const actual = await interrupted(problem, create, n, variables);
    compareRuns(findings, `${label}base ${base.use}, resumed ${order}`, actual, expected);
  }
}

/** Trains n steps, moves everything into another optimizer, and trains n more. */
async function interrupted(
  problem: Problem,
  create: () => SharpnessAwareOptimizer,
  n: number,
  variables: readonly tf.Variable[],
): Promise<Trajectory> {
  problem.reset();
  const saved = await withOptimizer(create, async (optimizer) => {
    await train(problem, optimizer, { steps: n });
    return copyWeights(optimizer);
  });
  return withOptimizer(create, async (optimizer) => {
    await optimizer.setWeights(saved);
    // What is loaded must not depend on the caller's tensors.
    tf.dispose(saved.map(({ tensor }) => tensor));
    return train(problem, optimizer, { from: n, steps: n, variables });
  });
}

/** The saved tensors by their numbers alone, as a file would have them. */
async function copyWeights(optimizer: SharpnessAwareOptimizer): Promise<{ name: string; tensor: tf.Tensor }[]> {
  const weights = await optimizer.getWeights();
  return Promise.all(
    weights.map(async ({ name, tensor }) => {
      const { shape, dtype } = tensor;
      return { name, tensor: tf.tensor(await tensor.data(), shape, dtype) };
    }),
  );
}
