import type { OptimizerContext } from '@flatmin/core';
import type { EvaluationCase } from '../cases.js';
import { counted, type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { withOptimizer, withProblem } from '../trajectory.js';
import { watchLoss } from '../watchLoss.js';

/** C6: exactly the documented number of gradient evaluations, as reported and as really done. */
export async function checkEvaluations(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C6');
  await withProblem(async (problem, context) => {
    for (const each of [...subject.evaluations(), ...everyOther(subject)]) {
      const where = each.name ?? 'default options';
      await findings.attempt(where, () => countPasses(subject, findings, problem, context, where, each));
    }
  });
  return findings.list;
}

/** `every: 2` perturbs the steps 0, 2, ... and costs one evaluation on the others. */
function everyOther({ cases, plugin }: Subject): readonly EvaluationCase[] {
  const { gradientEvaluations: cost } = cases;
  if (typeof cost !== 'number' || plugin.kind !== 'variant') return [];
  return [{ name: 'every 2', options: { every: 2 }, perStep: [cost, 1, cost, 1] }];
}

async function countPasses(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  context: OptimizerContext,
  where: string,
  { options = {}, perStep }: EvaluationCase,
): Promise<void> {
  problem.reset();
  let passes = 0;
  const watch = { before: ({ backward }: { backward: boolean }) => void (passes += backward ? 1 : 0) };
  const { validationLoss } = context;
  const watched = validationLoss === undefined ? {} : { validationLoss: watchLoss(validationLoss, watch) };
  await withOptimizer(
    () => subject.create(subject.plainBase, watched, options),
    async (optimizer) => {
      for (const [t, documented] of perStep.entries()) {
        passes = 0;
        optimizer.minimize(watchLoss(problem.loss(t), watch), false, [...problem.variables]);
        const { gradientEvaluations } = await optimizer.readLastStep();
        const documentedText = `where ${documented} are documented`;
        if (gradientEvaluations !== documented) {
          findings.add(
            where,
            `step ${t} reports ${counted(gradientEvaluations, 'gradient evaluation')}, ${documentedText}`,
          );
        }
        if (passes !== documented) {
          findings.add(where, `step ${t} evaluated ${counted(passes, 'gradient')}, ${documentedText}`);
        }
      }
    },
  );
}
