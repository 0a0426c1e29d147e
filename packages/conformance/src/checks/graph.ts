import { isFlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { GraphSubject } from '../asGraph.js';
import type { GraphAdapter } from '../setup.js';
import { type Finding, Findings, NotTried } from '../finding.js';
import type { Subject } from '../subject.js';
import { compareRuns, runFromStart, withOptimizer, withProblem } from '../trajectory.js';
import { checkHandWorked } from './handWorked.js';
import { checkLets } from './lets.js';
import { checkReferences } from './references.js';
import { checkResume } from './resume.js';

const steps = 12;
/** A graph rounds as the eager step does, nearly always. */
const tolerance = 1e-5;

/**
 * C17: as a graph, a step is the same step, and keeps the promises that are about numbers. Where no graph ran it was
 * not tried: elsewhere than on the native backend, where a graph is to be refused by name, or for a variant none of
 * whose steps can be replayed.
 */
export async function checkGraph(subject: Subject): Promise<readonly Finding[] | NotTried> {
  const findings = new Findings('C17');
  const capture = subject.setup.graph as GraphAdapter;
  if (tf.getBackend() !== 'tensorflow') return refuses(subject, findings, capture);
  const asGraph = new GraphSubject(subject.plugin, subject.setup, capture);
  await withProblem(async (problem, context) => {
    for (const base of subject.bases) {
      await findings.attempt(`base ${base.use}`, async () => {
        const expected = await runFromStart(problem, () => subject.create(base, context), { steps });
        const actual = await runFromStart(problem, () => asGraph.create(base, context), { steps });
        compareRuns(findings, `base ${base.use}`, actual, expected, { tolerance });
      });
    }
  });
  if (asGraph.graphs === 0 && asGraph.replayable > 0) findings.add('no graph', 'every step ran eagerly');
  for (const check of [checkHandWorked, checkResume, checkReferences]) {
    findings.list.push(...renamed(await check(asGraph)));
  }
  if (subject.setup.lets !== undefined) findings.list.push(...renamed(await checkLets(asGraph)));
  if (asGraph.graphs > 0 || findings.list.length > 0) return findings.list;
  return new NotTried('no graph ran: the variant says that none of its steps can be replayed');
}

const renamed = (found: readonly Finding[]): readonly Finding[] =>
  found.map(({ message }) => ({ check: 'C17', message: `C17 as a graph, ${message}` }));

async function refuses(
  subject: Subject,
  findings: Findings,
  capture: GraphAdapter,
): Promise<readonly Finding[] | NotTried> {
  await withProblem(async (problem, context) => {
    const create = () => subject.create(subject.plainBase, context);
    await withOptimizer(create, async (optimizer) => {
      try {
        capture(optimizer, () => problem.loss(0), [], {}).dispose();
        findings.add(tf.getBackend(), 'made a graph, although CAPTURE_REFUSED is promised');
      } catch (error) {
        if (isFlatminError(error) && error.code === 'CAPTURE_REFUSED') return;
        findings.add(tf.getBackend(), `refused without naming it: ${String(error)}`);
      }
    });
  });
  if (findings.list.length > 0) return findings.list;
  return new NotTried(`no graph ran: they need the native backend, and this is ${tf.getBackend()}`);
}
