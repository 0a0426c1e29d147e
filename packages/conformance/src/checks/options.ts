import { isFlatminError, type OptimizerContext } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { InvalidCase } from '../cases.js';
import { counted, type Finding, Findings } from '../finding.js';
import type { Subject } from '../subject.js';
import { train, withOptimizer, withProblem } from '../trajectory.js';

/**
 * C10: what an option cannot be is refused by name, and what the caller gave is left, and kept for saving, as it was.
 */
export async function checkOptions(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C10');
  await withProblem(async (problem, context) => {
    const invalid: InvalidCase[] = [{ name: 'an unknown option', options: { noSuchOption: 1 } }];
    if (subject.hasRadius(context)) {
      invalid.push(
        { name: 'NaN as radius', options: subject.radiusOptions(Number.NaN) },
        { name: 'a negative radius', options: subject.radiusOptions(-0.1) },
        { name: 'an infinite radius', options: subject.radiusOptions(Infinity) },
      );
      await refuseSetRadius(subject, findings, context);
    }
    for (const each of [...invalid, ...(subject.cases.invalid ?? [])]) refuse(subject, findings, context, each);
    await findings.attempt('the spec', async () => {
      const spec = subject.spec(subject.plainBase);
      const before = JSON.stringify(spec);
      const kept = await withOptimizer(
        () => subject.from(spec, context),
        async (optimizer) => {
          await train(problem, optimizer, { steps: 2 });
          return optimizer.setup.spec;
        },
      );
      const after = JSON.stringify(spec);
      if (after !== before) findings.add('the spec', `was changed from ${before} to ${after}`);
      // The lists and records that a plugin gets are those that are saved, not the caller's own.
      else if (differ(spec, kept)) findings.add('the spec', `was changed from ${before} to ${JSON.stringify(kept)}`);
    });
  });
  return findings.list;
}

/** True where two specs say different things; what only one of them has, stands elsewhere in the other. */
function differ(given: unknown, kept: unknown): boolean {
  if (!isRecord(given) || !isRecord(kept)) return JSON.stringify(given) !== JSON.stringify(kept);
  return Object.keys(given).some((key) => key in kept && differ(given[key], kept[key]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(subject: Subject, findings: Findings, context: OptimizerContext, each: InvalidCase): void {
  const { code = 'SPEC_INVALID', name, options } = each;
  const before = tf.memory().numTensors;
  try {
    subject.create(subject.plainBase, context, options).dispose();
    findings.add(name, `was accepted, although ${code} is promised`);
  } catch (error) {
    refusedBy(findings, name, error, code);
  }
  const left = tf.memory().numTensors - before;
  if (left !== 0) findings.add(name, `left ${counted(left, 'tensor')} behind`);
}

function refusedBy(findings: Findings, name: string, error: unknown, code: string): void {
  if (isFlatminError(error) && error.code === code) return;
  const found = isFlatminError(error) ? error.code : String(error);
  findings.add(name, `was refused with ${found}, not with the named error ${code}`);
}

/** A radius set on the optimizer is refused as one in the spec is. */
async function refuseSetRadius(subject: Subject, findings: Findings, context: OptimizerContext): Promise<void> {
  await withOptimizer(
    () => subject.create(subject.plainBase, context),
    async (optimizer) => {
      for (const value of [Number.NaN, -0.1]) {
        try {
          optimizer.radius = value;
          findings.add(`radius set to ${value}`, 'was accepted');
        } catch (error) {
          refusedBy(findings, `radius set to ${value}`, error, 'SPEC_INVALID');
        }
      }
    },
  );
}
