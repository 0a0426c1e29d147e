// How both presets of LETS do against fixed radii on three small tasks, five seeds each:
// `node tools/studies/letsSmall.mjs [out]`. Uses `flatmin train`, so anyone can repeat a row. About 20 minutes on one
// core.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const out = path.resolve(process.argv[2] ?? 'runs/study-lets-small');
const bin = path.resolve('packages/flatmin/dist/bin.js');
const seeds = [0, 1, 2, 3, 4];
const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const sam = (rho) => ({ use: 'sam', rho, base });
const lets = (preset, rho) => ({ use: 'lets', preset, inner: sam(rho) });

const tasks = {
  m1d: { dataset: { use: 'mnist1d' }, epochs: 40 },
  m1d20: { dataset: { use: 'mnist1d', labelNoise: { kind: 'symmetric', rate: 0.2 } }, epochs: 40 },
  dig40: { dataset: { use: 'digits', labelNoise: { kind: 'symmetric', rate: 0.4 } }, epochs: 60 },
};
const methods = {
  SGD: base,
  'SAM .1': sam(0.1),
  'SAM .2': sam(0.2),
  'SAM .5': sam(0.5),
  'SAM 1': sam(1),
  'paper from .02': lets('paper', 0.02),
  'paper from .5': lets('paper', 0.5),
  'robust from .02': lets('robust', 0.02),
  'robust from .5': lets('robust', 0.5),
};

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const standardError = (values) => {
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1) / values.length);
};

function run(task, method) {
  const folder = path.join(out, `${task}-${method}`.replaceAll(/[^\w]+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = {
    ...tasks[task],
    model: { use: 'mlp', hidden: [100, 100] },
    optimizer: methods[method],
    batchSize: 64,
    seeds,
    learningRate: { schedule: 'cosine' },
    backend: 'wasm',
  };
  const file = path.join(folder, 'input.json');
  writeFileSync(file, JSON.stringify(config, null, 2));
  const { status, stderr } = spawnSync(process.execPath, [bin, 'train', file, '--out', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const records = readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return seeds.map((seed) => {
    const mine = records.filter((record) => record.seed === seed);
    return {
      epoch: mine.filter(({ event }) => event === 'epoch').at(-1),
      step: mine.filter(({ event }) => event === 'step').at(-1),
    };
  });
}

const results = {};
for (const task of Object.keys(tasks)) {
  for (const method of Object.keys(methods)) {
    const runs = run(task, method);
    const accuracies = runs.map(({ epoch }) => epoch.test.accuracy);
    const radii = runs.map(({ step }) => step.radius);
    (results[method] ??= {})[task] = { accuracies, radii };
    console.log(
      task,
      method,
      `${mean(accuracies).toFixed(3)} +- ${standardError(accuracies).toFixed(3)}`,
      radii.join(' '),
    );
  }
}
writeFileSync(path.join(out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
