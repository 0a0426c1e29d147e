import type { OptimizerContext } from '@flatmin/core';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { compareRuns, runFromStart, withProblem } from '../trajectory.js';

const steps = 4;
/** Sums in another order: rounding of float32, carried on by the steps. */
const tolerance = 2e-5;

/** C16: in micro-batches a step is what it is in one pass, and so is m-sharpness over parts that are all the same. */
export async function checkParts(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C16');
  await withProblem(async (problem, context) => {
    // The second does not divide the batch.
    for (const accumulate of [3, 4]) {
      const where = `accumulate ${accumulate}`;
      await findings.attempt(where, () => inMicroBatches(subject, findings, problem, context, accumulate));
    }
    if (subject.plugin.kind !== 'variant' || subject.setup.exempt?.['C16 microBatches'] !== undefined) return;
    await findings.attempt('microBatches 2', () => ofEqualParts(subject, findings, problem, context));
  });
  return findings.list;
}

async function inMicroBatches(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  context: OptimizerContext,
  accumulate: number,
): Promise<void> {
  const create = (options = {}) => subject.create(subject.plainBase, context, options);
  const expected = await runFromStart(problem, () => create(), { steps });
  const actual = await runFromStart(problem, () => create({ accumulate }), { steps });
  compareRuns(findings, `accumulate ${accumulate}`, actual, expected, { tolerance });
}

async function ofEqualParts(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  context: OptimizerContext,
): Promise<void> {
  const create = (options = {}) => subject.create(subject.plainBase, context, options);
  const doubled = { steps, lossOf: (t: number) => problem.doubled(t) };
  const expected = await runFromStart(problem, () => create(), doubled);
  const actual = await runFromStart(problem, () => create({ microBatches: 2 }), doubled);
  compareRuns(findings, 'microBatches 2', actual, expected, { tolerance });
}
