import { checkDegenerate } from './checks/degenerate.js';
import { checkEvaluations } from './checks/evaluations.js';
import { checkGraph } from './checks/graph.js';
import { checkHandWorked } from './checks/handWorked.js';
import { checkHypergradient } from './checks/hypergradient.js';
import { checkLayers } from './checks/layers.js';
import { checkLets } from './checks/lets.js';
import { checkMemory } from './checks/memory.js';
import { checkModelFiles } from './checks/modelFiles.js';
import { checkOptions } from './checks/options.js';
import { checkParts } from './checks/parts.js';
import { checkReadBack } from './checks/readBack.js';
import { checkReferences } from './checks/references.js';
import { checkResume } from './checks/resume.js';
import { checkStatistics } from './checks/statistics.js';
import { checkThrowing } from './checks/throwing.js';
import { checkTidy } from './checks/tidy.js';
import { checkUntouched } from './checks/untouched.js';
import { checkZeroGradient } from './checks/zeroGradient.js';
import type { CheckId, Finding, NotTried } from './finding.js';
import type { Subject } from './subject.js';

/** One promise, and what tries to break it. */
export interface Check {
  readonly id: CheckId;
  /** The promise, as it reads in a test report. */
  readonly promise: string;
  /** Why it cannot be tried for this subject; undefined where it can. */
  readonly skip?: (subject: Subject) => string | undefined;
  /** The only backend on which there is something to try. */
  readonly backend?: string;
  /** What is broken; empty is a pass, unless there was nothing to try. */
  readonly run: (subject: Subject) => Promise<readonly Finding[] | NotTried>;
}

const when = (missing: boolean, reason: string): string | undefined => (missing ? reason : undefined);

export const catalogue: readonly Check[] = [
  { id: 'C1', promise: 'a step equals arithmetic worked out by hand', run: checkHandWorked },
  { id: 'C2', promise: 'rho 0 is the base, degenerate options their simpler parent', run: checkDegenerate },
  { id: 'C3', promise: 'a zero gradient leaves weights unchanged and metrics finite', run: checkZeroGradient },
  { id: 'C4', promise: 'a pass that throws leaves weights, statistics and state as they were', run: checkThrowing },
  { id: 'C5', promise: 'tensor count constant over steps, back to the start after dispose', run: checkMemory },
  { id: 'C6', promise: 'exactly the documented number of gradient evaluations', run: checkEvaluations },
  { id: 'C7', promise: "frozen, unlisted and the base's own variables untouched", run: checkUntouched },
  { id: 'C8', promise: 'training 2n steps is training n, saving, loading, training n, bit for bit', run: checkResume },
  { id: 'C9', promise: 'model.save and loadLayersModel carry the optimizer', run: checkModelFiles },
  {
    id: 'C10',
    promise: 'unknown options, NaN and negative radii refused by name, the spec unchanged',
    run: checkOptions,
  },
  { id: 'C11', promise: 'the same inside and outside tf.tidy', run: checkTidy },
  { id: 'C12', promise: 'a step moves statistics once', run: checkStatistics },
  {
    id: 'C12',
    promise: 'through the layers adapter: memory, reported values and moving averages of the base',
    skip: ({ setup }) => when(setup.layers === undefined, 'no layers adapter was given'),
    run: checkLayers,
  },
  {
    id: 'C13',
    promise: 'LETS wraps it and its radius moves, or refuses it by name',
    skip: ({ setup }) => when(setup.lets === undefined, 'LETS was not given'),
    run: checkLets,
  },
  {
    id: 'C14',
    promise: 'trajectories equal their references',
    skip: ({ cases }) => when(cases.golden.length === 0, 'no reference was named in cases.golden'),
    run: checkReferences,
  },
  {
    id: 'C15',
    promise: 'nothing is read back during a step',
    skip: ({ plugin: { readsBack } }) => when(readsBack !== undefined, `declares readsBack: ${readsBack}`),
    run: checkReadBack,
  },
  {
    id: 'C16',
    promise: 'accumulate changes only the memory, microBatches of equal parts nothing at all',
    run: checkParts,
  },
  {
    id: 'C17',
    promise: 'as a graph, a step is the same step: arithmetic, resuming, references, LETS',
    skip: ({ setup }) => when(setup.graph === undefined, 'no graph adapter was given'),
    backend: 'tensorflow',
    run: checkGraph,
  },
  {
    id: 'C18',
    promise: "LETS's hypergradient is the derivative of the upper objective, by a finite difference",
    skip: ({ linearBase, setup }) =>
      when(setup.lets === undefined, 'LETS was not given') ??
      when(linearBase === undefined, 'LETS differentiates a step of sgd or momentum, and cases.bases has neither'),
    run: checkHypergradient,
  },
];

/** Why a check is left out: what the caller exempts, or what is missing. */
export function reasonToSkip(check: Check, subject: Subject): string | undefined {
  const exempt = subject.setup.exempt?.[check.id];
  return exempt === undefined ? check.skip?.(subject) : `exempt: ${exempt}`;
}
