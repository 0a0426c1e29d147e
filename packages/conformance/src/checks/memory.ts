import type { OptimizerContext, SharpnessAwareOptimizer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { counted, type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { withProblem } from '../trajectory.js';

const steps = 12;

type StepTaker = (optimizer: SharpnessAwareOptimizer, problem: Problem, t: number) => unknown;

/** The ways to take a step, each of which might leak in its own way. */
const ways: Readonly<Record<string, StepTaker>> = {
  minimize: (optimizer, problem, t) => optimizer.minimize(problem.loss(t), false, [...problem.variables]),
  'minimize with its cost': (optimizer, problem, t) =>
    tf.dispose(optimizer.minimize(problem.loss(t), true, [...problem.variables]) ?? []),
  'minimize without a list': (optimizer, problem, t) => optimizer.minimize(problem.loss(t)),
  'computeGradients and applyGradients': (optimizer, problem, t) => {
    const { value, grads } = optimizer.computeGradients(problem.loss(t), [...problem.variables]);
    optimizer.applyGradients(grads);
    tf.dispose([value, ...Object.values(grads)]);
  },
};

/** C5: the tensor count is constant over steps, and back to the start after dispose. */
export async function checkMemory(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C5');
  await withProblem(async (problem, context) => {
    for (const base of subject.bases) {
      for (const [way, step] of Object.entries(ways)) {
        const where = `${way}, base ${base.use}`;
        await findings.attempt(where, async () => {
          problem.reset();
          const before = tf.memory();
          const optimizer = subject.create(base, context);
          try {
            await countSteps(subject, findings, where, optimizer, (t) => step(optimizer, problem, t));
          } finally {
            optimizer.dispose();
          }
          const left = tf.memory().numTensors - before.numTensors;
          if (left !== 0) findings.add(where, `${counted(left, 'tensor')} left after dispose`);
          const buffers = tf.memory().numDataBuffers - before.numDataBuffers;
          if (buffers !== 0) findings.add(where, `${counted(buffers, 'buffer')} left after dispose`);
        });
      }
    }
    await bounded(subject, findings, problem, context);
  });
  return findings.list;
}

/** Reading the metrics frees them: what is left is variables and state. */
async function countSteps(
  { cases }: Subject,
  findings: Findings,
  where: string,
  optimizer: SharpnessAwareOptimizer,
  step: (t: number) => unknown,
): Promise<void> {
  const warmUp = cases.warmUpSteps ?? 2;
  let steady: number | undefined;
  for (let t = 0; t < steps + warmUp; t++) {
    step(t);
    await optimizer.readLastStep();
    const { numTensors } = tf.memory();
    if (t < warmUp - 1) continue;
    steady ??= numTensors;
    if (numTensors === steady) continue;
    findings.add(where, `${counted(numTensors - steady, 'tensor')} more after step ${t} than after step ${warmUp - 1}`);
    return;
  }
}

/** Without anyone reading metrics: they may differ from step to step, but never pile up. */
async function bounded(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  context: OptimizerContext,
): Promise<void> {
  const optimizer = subject.create(subject.plainBase, context);
  const warmUp = subject.cases.warmUpSteps ?? 2;
  const counts: number[] = [];
  try {
    problem.reset();
    for (let t = 0; t < 2 * steps + warmUp; t++) {
      optimizer.minimize(problem.loss(t), false, [...problem.variables]);
      counts.push(tf.memory().numTensors);
    }
  } finally {
    optimizer.dispose();
  }
  const growth = Math.max(...counts.slice(-steps)) - Math.max(...counts.slice(warmUp, -steps));
  if (growth > 0)
    findings.add('metrics unread', `${counted(growth, 'tensor')} more in the last ${steps} steps than before them`);
}
