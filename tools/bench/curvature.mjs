// What curvature costs: `node tools/bench/curvature.mjs` writes docs/reference/curvature.md. Ten minutes on two quiet
// cores. Each subject runs in a process of its own, whose peak memory is its own too.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { hessian, modelSurface, topEigenvalues } from '@flatmin/analysis';
import { loadBackend } from '@flatmin/backend';
import { RandomStream } from '@flatmin/core';
import { officialContainer } from 'flatmin/node';
import { quantile } from './statistics.mjs';

/** Nets at their initial weights, on normal numbers: what is timed does not depend on what they have learned. */
const subjects = {
  'MLP 784-512-512-10': {
    model: { use: 'mlp', hidden: [512, 512] },
    inputShape: [784],
    examples: 512,
    batchSize: 512,
    search: { k: 10 },
    gradients: 20,
  },
  'ResNet-18, 32x32x3': {
    model: { use: 'resnet', architecture: 'resnet-18' },
    inputShape: [32, 32, 3],
    examples: 64,
    batchSize: 64,
    search: { k: 5, maxIterations: 14 },
    step: 0.01,
    gradients: 3,
  },
};

/** @typedef {(typeof subjects)[keyof typeof subjects] & { step?: number }} Subject */

function dataSet(tf, { inputShape, examples }, random) {
  const part = {
    size: examples,
    async *batches({ batchSize }) {
      for (let start = 0; start < examples; start += batchSize) {
        const count = Math.min(batchSize, examples - start);
        const labels = Int32Array.from({ length: count }, (_, i) => (start + i) % 10);
        yield {
          x: random
            .at('x')
            .at(start)
            .normal([count, ...inputShape]),
          y: tf.tensor1d(labels, 'int32'),
        };
      }
    },
  };
  const parts = { train: part, validation: part, test: part };
  return { id: 'noise', task: 'classification', inputShape, classes: 10, ...parts };
}

const seconds = async (work) => {
  const start = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - start) / 1000 };
};

async function measured(name) {
  const { tf } = await loadBackend('tensorflow');
  /** @type {any} */
  const { model: spec, inputShape, examples, batchSize, search, step, gradients } = subjects[name];
  const random = new RandomStream(0);
  const dataset = dataSet(tf, { inputShape, examples }, random);
  const context = { task: 'classification', inputShape, classes: 10, random: random.at('model') };
  const model = await officialContainer().loadModel(spec, /** @type {any} */ (context));
  const surface = await modelSurface(model, /** @type {any} */ (dataset), { examples, batchSize });
  await surface.gradient(); // Records its graph.
  const times = [];
  for (let i = 0; i < gradients; i++) times.push((await seconds(() => surface.gradient())).seconds);
  const length = Math.sqrt(surface.weights.reduce((sum, weight) => sum + weight * weight, 0));
  const before = surface.passes.gradients;
  const found = await seconds(async () => {
    const operator = await hessian(surface, step === undefined ? {} : { step: step * length });
    return { error: operator.error, ...(await topEigenvalues(operator, search)) };
  });
  const { error, eigenvalues, residuals, iterations } = found.result;
  return {
    examples,
    weights: surface.size,
    gradient: quantile(times, 0.5),
    seconds: found.seconds,
    gradients: surface.passes.gradients - before,
    error,
    eigenvalues,
    residuals,
    iterations,
    peak: process.resourceUsage().maxRSS / 2 ** 20,
  };
}

const [, , only] = process.argv;
if (only === undefined) {
  const script = fileURLToPath(import.meta.url);
  const rows = Object.keys(subjects).map((name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, name], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name} ended with code ${status}: ${stderr}`);
    const row = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    process.stderr.write(`${name}: ${row.seconds.toFixed(1)} s\n`);
    return { name, ...row };
  });
  writeFileSync(new URL('../../docs/reference/curvature.md', import.meta.url), pageOf(rows));
} else {
  process.stdout.write(`${JSON.stringify(await measured(only))}\n`);
}

function pageOf(rows) {
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const lines = rows.map((row) => {
    const ratio = row.seconds / (row.gradients * row.gradient);
    const values = row.eigenvalues.map((value, i) => `${value.toPrecision(4)} ± ${row.residuals[i].toPrecision(2)}`);
    return `| ${row.name} | ${row.weights.toLocaleString('en-US')} | ${row.examples} | ${row.gradient.toPrecision(3)} | ${row.eigenvalues.length} | ${row.gradients} | ${row.seconds.toFixed(1)} | ${ratio.toFixed(2)} | ${row.error.toPrecision(2)} | ${values.slice(0, 5).join(', ')} | ${row.peak.toFixed(1)} |`;
  });
  return `# What curvature costs

Made by \`node tools/bench/curvature.mjs\` in one run. Do not edit.

Machine: ${machine}. Written ${new Date().toISOString().slice(0, 10)}.

The largest eigenvalues of the Hessian, by Lanczos on the native backend, passes as graphs. A gradient is one over all the
examples; a product with the Hessian takes two. "Of its gradients" is the whole search, with what is
added up in JavaScript, by the time of its gradients alone.

| net | weights | examples | a gradient, s | eigenvalues | gradients | seconds | of its gradients | error of a product | the first five, with their residuals | peak GB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

Nets are at their initial weights, on normal numbers. Seconds include the recording of the graphs. ResNet-18 gets 14
iterations: what they come to, the residuals say. On 512 examples a gradient of it takes eight times as long, so that
five minutes have room for ${Math.floor(300 / (8 * rows[1].gradient))} gradients on this machine: too few for five eigenvalues.
`;
}
