// How the cost of a step grows with the number of weights, of tensors, of examples.
import { createModel, perceptron } from './models.mjs';

const classes = 10;

/** The width w of an MLP 64-w-w-10 with about that many weights: w^2 + (64 + 10 + 2) w + 10 = parameters. */
const widthFor = (parameters) => Math.round(-38 + Math.sqrt(38 ** 2 + parameters - classes));

const byParameters = (parameters) => {
  const width = widthFor(parameters);
  return { input: [64], batch: 32, network: () => perceptron([64, width, width, classes]) };
};

/** As many tensors around 200,000 weights, so that their number alone grows. */
const byTensors = (tensors) => {
  const width = Math.round(Math.sqrt(200_000 / (tensors / 2)));
  const widths = [...Array.from({ length: tensors / 2 }, () => width), classes];
  return { input: [width], batch: 32, network: () => perceptron(widths) };
};

const byBatch = (batch) => ({ input: [784], batch, network: () => perceptron([784, 512, 512, classes]) });

const axes = {
  parameters: {
    title: 'weights (MLP of three layers, batch 32)',
    points: [1e4, 1e5, 1e6, 1e7, 4e7],
    describe: byParameters,
  },
  tensors: { title: 'tensors (200,000 weights, batch 32)', points: [6, 20, 60, 150, 400], describe: byTensors },
  batch: { title: 'examples (MLP 784-512-512-10)', points: [8, 32, 128, 512, 2048], describe: byBatch },
};

const shown = ['gradient', 'plain', 'sam'];

/**
 * Measures every point of every axis.
 *
 * @param measure takes a model and its plan and gives rows.
 * @returns {Promise<Record<string, { title: string, points: object[], remarks: string[] }>>} a point per place, subject
 *   and mode.
 */
export async function measureGrowth(measure, { seconds, tick }) {
  const total = Object.values(axes).reduce((sum, { points }) => sum + points.length, 0);
  /** @type {Record<string, { title: string, points: object[], remarks: string[] }>} */
  const results = {};
  for (const [axis, { title, points, describe }] of Object.entries(axes)) {
    results[axis] = { title, points: [], remarks: [] };
    for (const point of points) {
      const { network, ...description } = describe(point);
      const model = createModel(description, network);
      try {
        const rows = await measure(model, { seconds: seconds / total, tick });
        const at = { parameters: model.parameters, tensors: model.variables.length, batch: description.batch }[axis];
        const chosen = rows.filter(({ subject }) => shown.includes(subject));
        for (const { subject, mode, median, low, high, ratio, refused, failed } of chosen) {
          const why = refused ?? failed;
          if (median !== undefined) results[axis].points.push({ at, subject, mode, median, low, high, ratio });
          if (why !== undefined) results[axis].remarks.push(`${axis} ${at}, ${subject} ${mode}: ${why.split('\n')[0]}`);
        }
      } finally {
        model.dispose();
      }
    }
  }
  return results;
}
