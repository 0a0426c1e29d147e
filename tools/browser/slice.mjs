// Measures the loss along the direction of docs/examples/browser in Node, by `line` of @flatmin/analysis, and prints it
// as JSON: `node tools/browser/slice.mjs FILE`, which has the weights of an MLP and the noise of its labels.
import { filterNormalized, line, modelSurface } from '@flatmin/analysis';
import { RandomStream } from '@flatmin/core';
import { mnist1d } from '@flatmin/dataset-mnist1d';
import { mlp } from '@flatmin/model-mlp';
import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';

const { noise, slices } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const dataset = mnist1d({ labelNoise: { kind: 'symmetric', rate: noise } });
const model = mlp({}, { inputShape: dataset.inputShape, classes: dataset.classes, random: new RandomStream(0) });

/** The variables, from one after the other. */
function set(weights) {
  let start = 0;
  for (const variable of model.variables) {
    variable.assign(tf.tensor(weights.slice(start, (start += variable.size)), variable.shape));
  }
}

const measured = [];
for (const weights of slices) {
  set(weights);
  const train = await modelSurface(model, dataset, { examples: 256, seed: 7 });
  const direction = filterNormalized(train.weights, train.parameters, new RandomStream(7).at('slice'));
  const end = train.weights.map((weight, i) => weight + direction[i]);
  const { distance, points } = await line({ train }, train.weights, end, { from: -1, to: 1, points: 21 });
  measured.push({ length: distance, losses: points.map(({ values }) => values.train.loss) });
}
console.log(JSON.stringify(measured));
