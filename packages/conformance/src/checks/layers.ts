import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { counted, type Finding, Findings } from '../finding.js';
import { type LayersProblem, valuesOf, withLayersProblem } from '../layersProblem.js';
import { relativeNorm } from '../reference/compareStep.js';
import type { LayersAdapter } from '../setup.js';
import type { Subject } from '../subject.js';

/** Weights that never move have the same clean loss at each step, whatever the variant does between. */
const still = 0;
const moving = 0.1;
const loss = 'categoricalCrossentropy';
const metrics = ['accuracy', 'mse'];
const tolerance = 1e-6;

/** What a model reported and what it left. */
interface Training {
  readonly reported: readonly number[];
  readonly statistics: readonly Float32Array[];
  /** Tensors that each further round of training adds. */
  readonly growth: number;
}

type Trainer = (model: tfl.LayersModel, problem: LayersProblem) => Promise<readonly number[]>;

const trainers: Readonly<Record<string, Trainer>> = {
  fit: async (model, { x, y }) => {
    const { history } = await model.fit(x, y, { batchSize: 6, epochs: 2, shuffle: false, verbose: 0 });
    return Object.values(history).flat() as number[];
  },
  trainOnBatch: async (model, { x, y }) => [await model.trainOnBatch(x, y)].flat(),
};

/**
 * C12: through the layers adapter, `fit` and `trainOnBatch` with two metrics grow, report and move statistics as with
 * the plain base.
 */
export async function checkLayers(subject: Subject): Promise<readonly Finding[]> {
  const findings = new Findings('C12');
  const { layers } = subject.setup;
  if (layers === undefined) return [];
  await withLayersProblem(async (problem) => {
    for (const [name, trainer] of Object.entries(trainers)) {
      await findings.attempt(name, async () => {
        const expected = await trainPlainly(problem, trainer, still);
        compare(findings, name, await trainSubject(subject, problem, layers, trainer, still), expected);
      });
      await findings.attempt(`${name}, moving weights`, async () => {
        const expected = await trainPlainly(problem, trainer, moving);
        const actual = await trainSubject(subject, problem, layers, trainer, moving);
        compareGrowth(findings, `${name}, moving weights`, actual, expected);
      });
    }
  });
  return findings.list;
}

/** TF.js alone: its own SGD, its own `compile`. */
function trainPlainly(problem: LayersProblem, trainer: Trainer, learningRate: number): Promise<Training> {
  return trainWith(problem, trainer, (model) => {
    const optimizer = tf.train.sgd(learningRate);
    model.compile({ optimizer, loss, metrics });
    return optimizer;
  });
}

function trainSubject(
  subject: Subject,
  problem: LayersProblem,
  adapter: LayersAdapter,
  trainer: Trainer,
  learningRate: number,
): Promise<Training> {
  return trainWith(problem, trainer, (model) => {
    const context = { validationLoss: problem.validationLoss(model) };
    const optimizer = subject.create({ ...subject.plainBase, learningRate }, context, subject.cases.withoutOffset);
    adapter.compile(model, { optimizer, loss, metrics });
    return optimizer;
  });
}

async function trainWith(
  problem: LayersProblem,
  trainer: Trainer,
  compile: (model: tfl.LayersModel) => tf.Optimizer,
): Promise<Training> {
  const model = problem.model();
  const optimizer = compile(model);
  try {
    // The first round makes slots, state and metrics; their size is C5's matter.
    const reported = [...(await trainer(model, problem))];
    const before = tf.memory().numTensors;
    for (let round = 0; round < 2; round++) reported.push(...(await trainer(model, problem)));
    const growth = tf.memory().numTensors - before;
    const statistics = await valuesOf(model.nonTrainableWeights.map((weight) => weight.read()));
    return { reported, statistics, growth };
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

function compare(findings: Findings, where: string, actual: Training, expected: Training): void {
  compareGrowth(findings, where, actual, expected);
  if (actual.reported.length !== expected.reported.length) {
    findings.add(
      where,
      `${actual.reported.length} values were reported, ${expected.reported.length} with the plain base`,
    );
  }
  const reported = Math.max(...expected.reported.map((value, i) => Math.abs(value - (actual.reported[i] ?? NaN))));
  findings.within(where, 'the reported loss and metrics', reported, tolerance);
  const moved = relativeNorm(
    actual.statistics,
    expected.statistics.map((values) => [...values]),
  );
  findings.within(where, 'the moving averages', moved, tolerance);
}

function compareGrowth(findings: Findings, where: string, actual: Training, expected: Training): void {
  if (actual.growth === expected.growth) return;
  findings.add(
    where,
    `${counted(actual.growth, 'tensor')} more after two rounds, ${expected.growth} with the plain base`,
  );
}
