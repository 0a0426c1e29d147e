import type { SharpnessAwareOptimizer } from '@flatmin/core';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import { relativeNorm } from '../reference/compareStep.js';
import type { Subject } from '../subject.js';
import { train, withOptimizer, withProblem } from '../trajectory.js';

const steps = 4;
/** The part of C12 that needs no adapter: a step moves a statistic of the loss once, as the plain base does. */
export async function checkStatistics(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C12');
  // Weights that never move have the same statistics at each step, whatever the variant does between.
  const still = { ...subject.plainBase, learningRate: 0 };
  await withProblem(async (problem, context) => {
    await findings.attempt('moving averages', async () => {
      const expected = await statistic(problem, () => subject.from(still, context));
      const actual = await statistic(problem, () => subject.create(still, context, subject.cases.withoutOffset));
      findings.within(
        'moving averages',
        `the moving average after ${steps} steps`,
        relativeNorm([actual], [expected]),
        0,
      );
    });
  });
  return findings.list;
}

async function statistic(problem: Problem, create: () => SharpnessAwareOptimizer): Promise<readonly number[]> {
  problem.reset();
  await withOptimizer(create, (optimizer) => train(problem, optimizer, { steps }));
  return [...(await problem.statistic.data())];
}
