import type { OptimizerContext, SharpnessAwareOptimizer, Spec } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Finding, Findings } from '../finding.js';
import type { Problem } from '../problem.js';
import { ReadWatch } from '../readWatch.js';
import type { Subject } from '../subject.js';
import { withOptimizer, withProblem } from '../trajectory.js';
import { type LossWatch, watchLoss } from '../watchLoss.js';

const steps = 4;

/** C15: nothing is read back during a step. */
export async function checkReadBack(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C15');
  await withProblem(async (problem, context) => {
    for (const base of subject.bases) {
      await findings.attempt(`base ${base.use}`, () => watchSteps(subject, findings, problem, context, base));
    }
  });
  return findings.list;
}

async function watchSteps(
  subject: Subject,
  findings: Findings,
  problem: Problem,
  { validationLoss }: OptimizerContext,
  base: Spec,
): Promise<void> {
  const reads = new ReadWatch();
  const watch: LossWatch = {
    before: () => void (reads.insideLoss = true),
    after: () => void (reads.insideLoss = false),
    access: (part) => {
      reads.insideLoss = true;
      try {
        return part();
      } finally {
        reads.insideLoss = false;
      }
    },
  };
  const context = validationLoss === undefined ? {} : { validationLoss: watchLoss(validationLoss, watch) };
  await withOptimizer(
    () => subject.create(base, context),
    async (optimizer) => {
      for (let t = 0; t < steps; t++) {
        const step = t % 2 === 0 ? minimize : computeAndApply;
        const found = reads.during(() => step(optimizer, problem, watchLoss(problem.loss(t), watch)));
        for (const what of found) findings.add(`base ${base.use}`, `${what} in step ${t}, and nothing may be read`);
      }
    },
  );
}

type TakeStep = (optimizer: SharpnessAwareOptimizer, problem: Problem, loss: () => tf.Scalar) => void;

const minimize: TakeStep = (optimizer, problem, loss) => {
  optimizer.minimize(loss, false, [...problem.variables]);
};

const computeAndApply: TakeStep = (optimizer, problem, loss) => {
  const { value, grads } = optimizer.computeGradients(loss, [...problem.variables]);
  optimizer.applyGradients(grads);
  tf.dispose([value, ...Object.values(grads)]);
};
