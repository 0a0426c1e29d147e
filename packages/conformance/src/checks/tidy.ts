import type { StepMetrics, OptimizerContext, SharpnessAwareOptimizer, Spec } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { counted, type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { compareRuns, runFromStart, train, type Trajectory, withProblem } from '../trajectory.js';

const inside = 3;
const outside = 2;

/** C11: inside and outside of `tf.tidy`, creation too, with the same numbers and nothing freed or left. */
export async function checkTidy(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C11');
  await withProblem(async (problem, context) => {
    for (const base of subject.bases) {
      await findings.attempt(`base ${base.use}`, () => compareScopes(subject, findings, problem, context, base));
    }
  });
  return findings.list;
}

async function compareScopes(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  context: OptimizerContext,
  base: Spec,
): Promise<void> {
  const create = (): SharpnessAwareOptimizer => subject.create(base, context);
  const expected = await runFromStart(problem, create, { steps: inside + outside });
  for (const [name, scope] of Object.entries(scopes)) {
    const where = `${name}, base ${base.use}`;
    const before = tf.memory().numTensors;
    await findings.attempt(where, async () => {
      problem.reset();
      compareRuns(findings, where, await scope(problem, create), expected);
    });
    const left = tf.memory().numTensors - before;
    if (left !== 0) findings.add(where, `${counted(left, 'tensor')} left after dispose`);
  }
}

type Scope = (problem: Problem, create: () => SharpnessAwareOptimizer) => Promise<Trajectory>;

const scopes: Readonly<Record<string, Scope>> = {
  'created and stepped in one tidy': (problem, create) => {
    const metrics: StepMetrics[] = [];
    const optimizer = tf.tidy(() => {
      const created = create();
      for (let t = 0; t < inside; t++) {
        created.minimize(problem.loss(t), false, [...problem.variables]);
        // Metrics die with the next step: they are copied while they last.
        metrics.push({ ...created.lastStep });
      }
      return created as unknown as tf.TensorContainer;
    }) as unknown as SharpnessAwareOptimizer;
    return goOn(problem, optimizer, metrics);
  },
  'each step in its own tidy': (problem, create) => {
    const metrics: StepMetrics[] = [];
    const optimizer = create();
    for (let t = 0; t < inside; t++) {
      tf.tidy(() => void optimizer.minimize(problem.loss(t), false, [...problem.variables]));
      metrics.push({ ...optimizer.lastStep });
    }
    return goOn(problem, optimizer, metrics);
  },
};

/** Steps outside of any tidy, with an optimizer that has been inside of one. */
async function goOn(
  problem: Problem,
  optimizer: SharpnessAwareOptimizer,
  metrics: readonly StepMetrics[],
): Promise<Trajectory> {
  try {
    const rest = await train(problem, optimizer, { from: inside, steps: outside });
    return { ...rest, metrics: [...metrics, ...rest.metrics] };
  } finally {
    optimizer.dispose();
  }
}
