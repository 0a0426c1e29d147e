import { checkDegenerate } from './checks/degenerate.js';
import { checkEvaluations } from './checks/evaluations.js';
import { checkHandWorked } from './checks/handWorked.js';
import { checkMemory } from './checks/memory.js';
import { checkReferences } from './checks/reference.js';
import { checkZeroGradient } from './checks/zeroGradient.js';
import type { CheckId, Finding } from './finding.js';
import type { Subject } from './subject.js';

/** One promise, and what tries to break it. */
export interface Check {
  readonly id: CheckId;
  /** The promise, as it reads in a test report. */
  readonly promise: string;
  /** Why it cannot be tried for this subject; undefined where it can. */
  readonly skip?: (subject: Subject) => string | undefined;
  /** What is broken; empty is a pass. */
  readonly run: (subject: Subject) => Promise<readonly Finding[]>;
}

export const catalogue: readonly Check[] = [
  { id: 'C1', promise: 'a step equals arithmetic worked by hand', run: checkHandWorked },
  { id: 'C2', promise: 'rho 0 is the base, degenerate options their simpler parent', run: checkDegenerate },
  { id: 'C3', promise: 'a zero gradient leaves weights unchanged and figures finite', run: checkZeroGradient },
  { id: 'C5', promise: 'tensor count constant over steps, back to the start after dispose', run: checkMemory },
  { id: 'C6', promise: 'exactly the documented number of gradient evaluations', run: checkEvaluations },
  {
    id: 'C14',
    promise: 'trajectories equal their references',
    skip: ({ cases }) => (cases.golden.length === 0 ? 'no reference trajectory was named in cases.golden' : undefined),
    run: checkReferences,
  },
];

/** Why a check is left out: what the caller exempts, or what is missing. */
export function reasonToSkip(check: Check, subject: Subject): string | undefined {
  const exempt = subject.setup.exempt?.[check.id];
  return exempt === undefined ? check.skip?.(subject) : `exempt: ${exempt}`;
}
