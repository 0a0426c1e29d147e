// Measures what the presets of docs/examples/browser say, on the backend that the page opens with, wasm:
// `node tools/browser/presets.mjs [ID...]`. A preset takes minutes.
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { exampleInNode } from './exampleInNode.mjs';

await tf.setBackend('wasm');
const { epochs, presets, riseOf, Session, taskOf } = await exampleInNode();
const ids = process.argv.slice(2);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The examples and labels of the training part, in their order. */
async function trainingData({ train }) {
  const batches = train.batches({ batchSize: train.size })[Symbol.asyncIterator]();
  const { x, y } = (await batches.next()).value;
  return { x, y: await y.data() };
}

/** Which share of the wrong training labels a network with these weights gives, and which of the right ones. */
async function learned(noise, weights) {
  const { dataset, model } = taskOf(noise);
  const [{ x, y }, right] = [await trainingData(dataset), await trainingData(taskOf(0).dataset)];
  let start = 0;
  for (const variable of model.variables) {
    const end = start + variable.size;
    variable.assign(tf.tensor(weights.slice(start, end), variable.shape));
    start = end;
  }
  const found = await tf.argMax(model.apply(x), 1).data();
  const share = (isCounted) => {
    const counted = [...y.keys()].filter((i) => isCounted(y[i] === right.y[i]));
    return mean(counted.map((i) => Number(found[i] === y[i])));
  };
  return { wrong: share((isRight) => !isRight), right: share((isRight) => isRight) };
}

/** The last three epochs, nine points, beside the best single point: one point alone jumps about. */
async function measured({ settings: { learningRate, noise, runs } }) {
  const points = runs.map(() => []);
  const slices = [];
  const session = await Session.begin(
    runs.map((run) => ({ ...run, learningRate, noise, epochs })),
    runs.map((_, run) => ({
      onStep: () => undefined,
      onPoint: (point) => points[run].push(point),
      onSlice: (slice) => (slices[run] = slice),
      onFailure: (error) => console.error(error),
    })),
  );
  await session.ended;
  return Promise.all(
    runs.map(async ({ method, radius }, run) => {
      const last = (of) => mean(points[run].slice(-9).map(of)).toFixed(3);
      const { right, wrong } = await learned(noise, slices[run].weights);
      return {
        run: `${method.name}${method.radius === null ? '' : ` ${radius}`}`,
        'radius at the end': points[run].at(-1).radius?.toPrecision(3) ?? 'none',
        'training loss': last(({ loss }) => loss),
        'wrong labels learned': wrong.toFixed(3),
        'right labels learned': right.toFixed(3),
        'best test accuracy': Math.max(...points[run].map(({ accuracy }) => accuracy)).toFixed(3),
        'test accuracy': last(({ accuracy }) => accuracy),
        'first above 0.3': points[run].find(({ accuracy }) => accuracy > 0.3)?.step ?? 'never',
        rise: riseOf(slices[run]).toFixed(3),
      };
    }),
  );
}

for (const preset of presets.filter(({ id }) => ids.length === 0 || ids.includes(id))) {
  console.log(`${preset.name}\n${preset.look}`);
  console.table(await measured(preset));
}
