import { lossOfOutputs, type LossFunction } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject.js';
import { withOptimizer, withProblem } from '../trajectory.js';

/** C3: a zero gradient from a fresh state leaves the weights as they are, and everything finite. */
export async function checkZeroGradient(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C3');
  await withProblem(async (problem) => {
    const flat = flatLoss(problem);
    await findings.attempt('zero gradient', () =>
      withOptimizer(
        () => subject.create(subject.plainBase, { validationLoss: flat.loss }),
        async (optimizer) => {
          for (let t = 0; t < 2; t++) {
            const before = await problem.values();
            optimizer.minimize(flat.loss, false, [...problem.variables]);
            compareValues(findings, t, before, await problem.values());
            const metrics = Object.entries(await optimizer.readLastStep());
            for (const [metric, value] of metrics) {
              if (typeof value === 'number' && !Number.isFinite(value)) {
                findings.add('zero gradient', `${metric} of step ${t} is ${value}`);
              }
            }
          }
        },
      ),
    );
    tf.dispose(flat.data);
  });
  return findings.list;
}

/** A loss of 2 wherever the weights are, with batch access. Its gradient is zero, and NaN where weights are NaN. */
function flatLoss({ variables }: Problem): { readonly loss: LossFunction; readonly data: tf.Tensor[] } {
  const x = tf.ones([6, 1]);
  const y = tf.fill([6, 1], 2);
  const model = (inputs: tf.Tensor): tf.Tensor => {
    const sums = variables.map((variable) => tf.sum(tf.mul(tf.square(variable), 0)));
    return tf.mul(inputs, tf.addN(sums));
  };
  const perExample = (outputs: tf.Tensor, targets: tf.Tensor): tf.Tensor1D => tf.sum(tf.add(targets, outputs), 1);
  return { loss: lossOfOutputs(model, perExample, x, y), data: [x, y] };
}

function compareValues(
  findings: Findings,
  step: number,
  before: readonly Float32Array[],
  after: readonly Float32Array[],
): void {
  const all = after.flatMap((values) => [...values]);
  const broken = all.filter((value) => !Number.isFinite(value)).length;
  if (broken > 0) {
    findings.add('zero gradient', `${broken} weights are not finite after step ${step}`);
    return;
  }
  const old = before.flatMap((values) => [...values]);
  findings.within(
    'zero gradient',
    `weights of step ${step}`,
    Math.max(...all.map((v, i) => Math.abs(v - (old[i] as number)))),
    0,
  );
}
