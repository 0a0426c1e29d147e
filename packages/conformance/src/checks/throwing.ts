import type { StepMetrics, OptimizerContext, SharpnessAwareOptimizer, Spec } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import { FailingPass } from '../failingPass.js';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import { brief } from '../reference/deviation.js';
import type { Subject } from '../subject.js';
import { compareRuns, runFromStart, withOptimizer, withProblem } from '../trajectory.js';
import { watchLoss } from '../watchLoss.js';

const steps = 5;
/** Passes of a step after which no more are tried. */
const mostPasses = 12;

/** C4: a loss that throws in the first, second or a later pass leaves weights, statistics and state as they were. */
export async function checkThrowing(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C4');
  await withProblem(async (problem, context) => {
    for (const base of subject.bases) {
      await findings.attempt(`base ${base.use}`, () => disturb(subject, findings, problem, context, base));
    }
  });
  return findings.list;
}

async function disturb(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  { validationLoss }: OptimizerContext,
  base: Spec,
): Promise<void> {
  const failing = new FailingPass();
  const context = validationLoss === undefined ? {} : { validationLoss: watchLoss(validationLoss, failing.watch) };
  const create = (): SharpnessAwareOptimizer => subject.create(base, context);
  const where = `base ${base.use}`;
  const expected = await runFromStart(problem, create, { steps });
  problem.reset();
  await withOptimizer(create, async (optimizer) => {
    const metrics: StepMetrics[] = [];
    const fail = async (t: number, pass: number) => {
      const step = () => optimizer.minimize(watchLoss(problem.loss(t), failing.watch), false, [...problem.variables]);
      const watched = [...problem.variables, problem.statistic];
      const before = await hold(watched);
      const attempt = failing.attempt(pass, step);
      if (attempt === 'failed') await compareData(findings, `${where}, pass ${pass} of step ${t}`, watched, before);
      return attempt;
    };
    for (let t = 0; t < steps; t++) {
      let attempt = await fail(t, 1);
      if (attempt === 'failed') attempt = await fail(t, 2);
      // A step of one pass and an upper level: what follows it was tried, and the run goes another way now.
      if (attempt === 'failed after the base step') return;
      if (attempt === 'failed') optimizer.minimize(problem.loss(t), false, [...problem.variables]);
      metrics.push(await optimizer.readLastStep());
    }
    compareRuns(findings, `${where}, the run with throws`, { weights: await problem.values(), metrics }, expected);
    for (let pass = 3; pass <= mostPasses; pass++) if ((await fail(steps, pass)) !== 'failed') return;
  });
}

/** The very same data: put back, not computed back. Where they are not, by how much the numbers are off. */
async function compareData(
  findings: Findings,
  where: string,
  variables: readonly tf.Variable[],
  before: readonly Held[],
): Promise<void> {
  for (const [i, variable] of variables.entries()) {
    const { data, values } = before[i] as Held;
    if (variable.dataId === data) continue;
    const now = await variable.data();
    const by = Math.max(...values.map((value, j) => Math.abs(value - (now[j] as number))));
    findings.add(where, `the throw left other data in ${variable.name}, off by ${brief(by)}`);
  }
}

interface Held {
  readonly data: unknown;
  readonly values: readonly number[];
}

async function hold(variables: readonly tf.Variable[]): Promise<readonly Held[]> {
  return Promise.all(variables.map(async (v) => ({ data: v.dataId, values: [...(await v.data())] })));
}
