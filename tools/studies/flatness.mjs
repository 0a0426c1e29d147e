// Flatness beside test results: `node tools/studies/flatness.mjs FOLDER`, FOLDER being that of
// `flatmin compare docs/studies/lets-small.json --out FOLDER`. Writes docs/studies/flatness-results.json and prints the
// table of docs/studies/flatness.md. About ten minutes on two quiet cores.
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hessian, modelSurface, topEigenvalues, trace, worstCaseSharpness } from '@flatmin/analysis';
import { loadBackend } from '@flatmin/backend';
import { openRun, trainedSeed } from '@flatmin/experiments/internal';

const [, , folder = 'runs/lets-small'] = process.argv;
const [tasks, methods] = [
  ['m1d', 'm1d20', 'dig40'],
  ['SGD', 'SAM-rho-0.1', 'SAM-rho-0.5', 'LETS-robust-rho-0.02'],
];
const measures = ['eigenvalue', 'trace', 'worstCase', 'worstCaseAdaptive', 'worstCaseNormalized'];
const all = { examples: 1_000_000, batchSize: 2000 };

await loadBackend('tensorflow');
const distribution = { version: '', plugins: import.meta.resolve('flatmin/node') };

async function measured(directory, seed) {
  const { dataset, model, dispose } = await trainedSeed(await openRun(directory, {}, distribution), seed);
  const surfaces = {
    train: await modelSurface(model, dataset, all),
    test: await modelSurface(model, dataset, { ...all, part: 'test' }),
    normalized: await modelSurface(model, dataset, { ...all, normalizeLogits: true }),
  };
  const operator = await hessian(surfaces.train);
  const top = await topEigenvalues(operator, { k: 1, tolerance: 1e-3 });
  const sum = await trace(operator, { products: 60 });
  const [train, test] = [await surfaces.train.value(), await surfaces.test.value()];
  const sharpnessOf = async (surface, options) =>
    (await worstCaseSharpness(surface, { rho: 0.1, ...options })).sharpness;
  const found = {
    trainLoss: train.loss,
    trainAccuracy: train.metrics['accuracy'],
    testLoss: test.loss,
    testAccuracy: test.metrics['accuracy'],
    eigenvalue: top.eigenvalues[0],
    eigenvalueError: top.residuals[0],
    trace: sum.trace,
    traceError: sum.standardError,
    worstCase: await sharpnessOf(surfaces.train, {}),
    worstCaseAdaptive: await sharpnessOf(surfaces.train, { adaptive: true }),
    worstCaseNormalized: await sharpnessOf(surfaces.normalized, { adaptive: true }),
  };
  Object.values(surfaces).forEach((surface) => surface.dispose());
  dispose();
  return found;
}

const cells = readdirSync(path.join(folder, 'cells'));
const results = [];
for (const task of tasks) {
  for (const method of methods) {
    for (let seed = 0; seed < 6; seed++) {
      const cell = cells.find((name) => name.startsWith(`${task}-${method}-seed-${seed}-`));
      if (cell === undefined) throw new Error(`${folder} has no run of ${task}, ${method}, seed ${seed}`);
      results.push({ task, method, seed, ...(await measured(path.join(folder, 'cells', cell), seed)) });
      process.stderr.write(`${task} ${method} ${seed}\n`);
    }
  }
}
const target = new URL('../../docs/studies/flatness-results.json', import.meta.url);
writeFileSync(target, `[\n${results.map((each) => `  ${JSON.stringify(each)}`).join(',\n')}\n]\n`);
process.stdout.write(tablesOf(results));

function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / (values.length - 1) / values.length);
  return `${Number(mean.toPrecision(3))} ± ${Number(error.toPrecision(1))}`;
}

/** Spearman's: the correlation of the ranks. */
function rankCorrelation(a, b) {
  const ranksOf = (values) => {
    const sorted = [...values].sort((x, y) => x - y);
    return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
  };
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [xMean, yMean] = [mean(x), mean(y)];
  const products = (p, q) => p.reduce((sum, value, i) => sum + (value - xMean) * (q[i] - yMean), 0);
  const squares = (p, at) => p.reduce((sum, value) => sum + (value - at) ** 2, 0);
  return products(x, y) / Math.sqrt(squares(x, xMean) * squares(y, yMean));
}

function tablesOf(rows) {
  const shown = ['trainLoss', 'testLoss', 'testAccuracy', ...measures];
  const byMethod = tasks.flatMap((task) =>
    methods.map((method) => {
      const own = rows.filter((each) => each.task === task && each.method === method);
      return `| ${task} | ${method} | ${shown.map((name) => spread(own.map((each) => each[name]))).join(' | ')} |`;
    }),
  );
  const byTask = measures.map((name) => {
    const correlations = tasks.map((task) => {
      const own = rows.filter((each) => each.task === task);
      const of = (other) =>
        rankCorrelation(
          own.map((each) => each[name]),
          own.map((each) => each[other]),
        ).toFixed(2);
      return `${of('testAccuracy')} | ${of('testLoss')}`;
    });
    return `| ${name} | ${correlations.join(' | ')} |`;
  });
  return [
    `| task | method | ${shown.join(' | ')} |`,
    `| --- | --- | ${shown.map(() => '---').join(' | ')} |`,
    ...byMethod,
    '',
    `| measure | ${tasks.map((task) => `${task}: accuracy | ${task}: loss`).join(' | ')} |`,
    `| --- | ${tasks.map(() => '--- | ---').join(' | ')} |`,
    ...byTask,
    '',
  ].join('\n');
}
