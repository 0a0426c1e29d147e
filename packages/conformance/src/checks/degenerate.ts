import type { OptimizerContext, Spec } from '@flatmin/core';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { compareRuns, runFromStart, train, withOptimizer, withProblem } from '../trajectory.js';

const steps = 6;
/** A base has no radius to compare, and a parent may have another of the same effect. */
const metrics = ['loss'] as const;

/** C2: rho 0 is the base optimizer, and every degenerate option its simpler parent. */
export async function checkDegenerate(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C2');
  await withProblem(async (problem, context) => {
    for (const base of subject.bases) {
      await radiusZero(subject, findings, problem, context, base);
      for (const { name, options, parent, tolerance } of subject.cases.degenerate ?? []) {
        const where = `${name}, base ${base.use}`;
        await findings.attempt(where, async () => {
          const simpler = parent === 'base' ? base : { ...parent, base };
          const expected = await runFromStart(problem, () => subject.from(simpler, context), { steps });
          const actual = await runFromStart(problem, () => subject.create(base, context, options), { steps });
          compareRuns(findings, where, actual, expected, { tolerance, metrics });
        });
      }
    }
  });
  return findings.list;
}

/** rho 0 as an option, and set on an optimizer that was made with another: rho is an argument of the step. */
async function radiusZero(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  context: OptimizerContext,
  base: Spec,
): Promise<void> {
  if (subject.setup.exempt?.['C2 rho 0'] !== undefined || !subject.hasRadius(context)) return;
  const tolerance = subject.cases.radiusZeroTolerance;
  await findings.attempt(`rho 0, base ${base.use}`, async () => {
    const expected = await runFromStart(problem, () => subject.from(base, context), { steps });
    const asOption = () => subject.create(base, context, subject.radiusOptions(0));
    compareRuns(findings, `rho 0, base ${base.use}`, await runFromStart(problem, asOption, { steps }), expected, {
      tolerance,
      metrics,
    });
    problem.reset();
    await withOptimizer(
      () => subject.create(base, context),
      async (optimizer) => {
        optimizer.radius = 0;
        const actual = await train(problem, optimizer, { steps });
        compareRuns(findings, `rho set to 0, base ${base.use}`, actual, expected, { tolerance, metrics });
      },
    );
  });
}
