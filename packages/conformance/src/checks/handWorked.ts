import type { StepMetrics } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HandWorkedCase, Values } from '../cases.js';
import { type Finding, Findings } from '../finding.js';
import type { Subject } from '../subject.js';
import { withOptimizer } from '../trajectory.js';

let problems = 0;

/** C1: a step equals arithmetic worked by hand. */
export async function checkHandWorked(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C1');
  const { handWorked } = subject.cases;
  if (handWorked.length === 0) findings.add('no case', 'no step was worked out by hand; give cases.handWorked');
  for (const each of handWorked) {
    const missing = missingIn(each);
    if (missing.length === 0) await findings.attempt(each.name, () => workThrough(subject, findings, each));
    else
      findings.add(each.name, `fill in ${missing.join(', ')}: by hand, from the formula, not from what the code gives`);
  }
  return findings.list;
}

/** What is still to be worked out, as a generator leaves it: every step, or numbers for which NaN stands. */
function missingIn({ steps }: HandWorkedCase): readonly string[] {
  if (steps.length === 0) return ['steps'];
  return steps.flatMap(({ metrics = {}, weights }, t) => [
    ...Object.keys(weights).flatMap((key) =>
      flat(weights[key] as Values).some(Number.isNaN) ? [`steps[${t}].weights.${key}`] : [],
    ),
    ...Object.keys(metrics).flatMap((key) => (Number.isNaN(metrics[key]) ? [`steps[${t}].metrics.${key}`] : [])),
  ]);
}

async function workThrough(subject: Subject, findings: Findings, each: HandWorkedCase): Promise<void> {
  const {
    base = subject.plainBase,
    loss,
    name,
    options,
    steps,
    tolerance = 1e-6,
    validationLoss = loss,
    weights,
  } = each;
  const scope = `hand${problems++}`;
  const variables = Object.fromEntries(
    Object.entries(weights).map(([key, values]) => [
      key,
      tf.tidy(() => tf.variable(tf.tensor(values as tf.TensorLike), true, `${scope}/${key}`)),
    ]),
  );
  try {
    await withOptimizer(
      () => subject.create(base, { validationLoss: validationLoss(variables) }, options),
      async (optimizer) => {
        for (const [t, expected] of steps.entries()) {
          optimizer.minimize(loss(variables), false, Object.values(variables));
          const where = `${name}, step ${t}`;
          for (const [key, values] of Object.entries(expected.weights)) {
            const actual = await (variables[key] as tf.Variable).data();
            findings.within(where, key, largestDifference(actual, flat(values)), tolerance);
          }
          compareFigures(findings, where, await optimizer.readLastStep(), expected.metrics ?? {}, tolerance);
        }
      },
    );
  } finally {
    tf.dispose(variables);
  }
}

function compareFigures(
  findings: Findings,
  where: string,
  actual: StepMetrics,
  expected: Readonly<Record<string, number | string | null>>,
  tolerance: number,
): void {
  for (const [metric, wanted] of Object.entries(expected)) {
    const found = actual[metric];
    if (typeof wanted === 'number' && typeof found === 'number') {
      findings.within(where, metric, Math.abs(found - wanted), tolerance);
    } else if (found !== wanted) {
      findings.add(where, `${metric} is ${String(found)} instead of ${String(wanted)}`);
    }
  }
}

function flat(values: Values): readonly number[] {
  return typeof values === 'number' ? [values] : (values as readonly (number | readonly number[])[]).flat();
}

function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  if (actual.length !== expected.length) return Number.NaN;
  const differences = expected.map((value, i) => Math.abs(value - (actual[i] as number)));
  return differences.some(Number.isNaN) ? Number.NaN : Math.max(0, ...differences);
}
