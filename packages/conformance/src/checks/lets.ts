import { isFlatminError, type OptimizerContext, type SharpnessAwareOptimizer } from '@flatmin/core';
import { type Finding, Findings } from '../finding.js';
import { isPlugin, type Subject } from '../subject.js';
import { train, withOptimizer, withProblem } from '../trajectory.js';
import type { LetsAdapter, LetsSettings } from '../setup.js';

const steps = 8;

/** C13: LETS wraps the variant and its radius moves, or refuses it by name. */
export async function checkLets(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C13');
  const { lets } = subject.setup;
  if (lets === undefined) return [];
  await withProblem(async (problem, context) => {
    const learnable = subject.isLearnable(context);
    await findings.attempt('LETS', async () => {
      const create = (): SharpnessAwareOptimizer => wrap(subject, lets, context);
      if (!learnable) return refuses(findings, 'LETS', subject.plugin.id, create);
      await withOptimizer(create, async (optimizer) => {
        const start = optimizer.radius;
        const { metrics } = await train(problem, optimizer, { steps });
        const end = optimizer.radius;
        if (!Number.isFinite(end) || end <= 0) findings.add('LETS', `the radius went from ${start} to ${end}`);
        else if (Math.fround(end) === Math.fround(start))
          findings.add('LETS', `the radius stayed at ${start} for ${steps} steps`);
        if (metrics.every(({ radius }) => radius === null)) findings.add('LETS', `no step of ${steps} used the radius`);
      });
    });
  });
  return findings.list;
}

function wrap(subject: Subject, lets: LetsAdapter, context: OptimizerContext): SharpnessAwareOptimizer {
  const inner = subject.spec(subject.plainBase);
  const [curvature] = (subject.curvatures(context) ?? []) as readonly LetsSettings['curvature'][];
  const settings = curvature === undefined ? {} : { curvature };
  if (isPlugin(lets)) return subject.from({ use: lets.id, ...settings, inner }, context);
  const { validationLoss } = context;
  if (validationLoss === undefined) throw new Error('the kit has no validation loss for LETS');
  return lets(subject.from(inner, context), { ...settings, validationLoss });
}

/** Finds what is not refused as a radius that cannot be learned, or not by its name. */
export function refuses(findings: Findings, where: string, id: string, create: () => SharpnessAwareOptimizer): void {
  try {
    create().dispose();
    findings.add(where, `wrapped ${id}, which has no radius to learn, although RADIUS_NOT_LEARNABLE is promised`);
  } catch (error) {
    if (isFlatminError(error) && error.code === 'RADIUS_NOT_LEARNABLE' && error.message.includes(id)) return;
    findings.add(where, `refused ${id} without naming it: ${String(error)}`);
  }
}
