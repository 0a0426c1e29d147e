import type { OptimizerContext, SharpnessAwareOptimizer, Spec } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Options } from '../cases.js';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { compareRuns, type Stretch, train, type Trajectory, withOptimizer, withProblem } from '../trajectory.js';

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

/**
 * C8: training 2n steps is training n, saving, loading and training n, bit for bit, in whatever order variables come.
 */
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
  const { half, expected } = await saved(problem, create, n);
  const orders = { 'in order': problem.variables, 'in another order': [...problem.variables].reverse() };
  for (const [order, variables] of Object.entries(orders)) {
    const actual = await resumed(problem, create, half, { from: n, steps: n, variables });
    compareRuns(findings, `${label}base ${base.use}, resumed ${order}`, actual, expected);
  }
}

/** What a run is resumed from, all of it numbers. */
interface Half {
  readonly optimizer: readonly Saved[];
  readonly problem: readonly Float32Array[];
}

interface Saved {
  readonly name: string;
  readonly values: tf.TypedArray;
  readonly shape: number[];
  readonly dtype: tf.NumericDataType;
}

/** Trains n steps, saves everything, as a file would have it, and goes on for as many. */
async function saved(
  problem: Problem,
  create: () => SharpnessAwareOptimizer,
  n: number,
): Promise<{ readonly half: Half; readonly expected: Trajectory }> {
  problem.reset();
  return withOptimizer(create, async (optimizer) => {
    await train(problem, optimizer, { steps: n });
    const weights = await optimizer.getWeights();
    const values = weights.map(async ({ name, tensor }) => {
      const { shape, dtype } = tensor;
      return { name, values: await tensor.data(), shape, dtype: dtype as tf.NumericDataType };
    });
    const half = { optimizer: await Promise.all(values), problem: await problem.everything() };
    return { half, expected: await train(problem, optimizer, { from: n, steps: n }) };
  });
}

/** Moves everything into another optimizer, and trains on. */
async function resumed(
  problem: Problem,
  create: () => SharpnessAwareOptimizer,
  half: Half,
  stretch: Stretch,
): Promise<Trajectory> {
  problem.restore(half.problem);
  return withOptimizer(create, async (optimizer) => {
    const loaded = half.optimizer.map(({ name, values, shape, dtype }) => ({
      name,
      tensor: tf.tensor(values.slice(), shape, dtype),
    }));
    await optimizer.setWeights(loaded);
    // What is loaded must not depend on the caller's tensors.
    tf.dispose(loaded.map(({ tensor }) => tensor));
    return train(problem, optimizer, stretch);
  });
}
