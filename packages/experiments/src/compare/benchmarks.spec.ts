import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Model, ModelContext } from '@flatmin/core/plugin';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { officialContainer } from 'flatmin/node';
import { trainedWeights, zeros } from '../../../models/blocks/src/modelProofs.fixture.js';
import { onNative, vocabularyOf } from '../../../models/blocks/src/testing.fixture.js';
import { fieldAt } from '../config/fields.js';
import type { Cell } from '../grid/grid.js';
import { experimentOf } from '../run/checkRun.js';
import { runExperiment } from '../run/runExperiment.js';
import { writeBenchmarkData } from './benchmarks.fixture.js';
import { checkGrid } from './checkGrid.js';
import { readComparison } from './openComparison.js';

const place = path.join(__dirname, '../../../../docs/studies/benchmarks');
const distribution = { version: '0.0.0', plugins: 'flatmin/node' };
const names = readdirSync(place).flatMap((file) => (file.endsWith('.json') ? [file.replace(/\.json$/, '')] : []));
const opened = (name: string, set: readonly string[] = []) =>
  readComparison(path.join(place, `${name}.json`), distribution, { set });

/** What makes the model small, and a run of two steps in an epoch; said as a user says it. */
const smaller: Readonly<Record<string, readonly string[]>> = {
  'resnet-18': ['model.width=0.1', 'batchSize=5', 'eager=true'],
  'wrn-28-10': ['model.width=0.05', 'batchSize=5', 'eager=true'],
  'pyramidnet-110': ['model.width=0.1', 'batchSize=5', 'eager=true', 'dryRun=false'],
  // Run as a graph, as all are without `eager`: recording that of a deeper net takes longer than its two steps.
  'vit-s': ['model.width=24', 'model.depth=2', 'batchSize=5'],
  'resnet-50': ['model.width=0.1', 'dataset.size=64', 'batchSize=8', 'eager=true'],
  transformer: ['model.width=16', 'model.encoderLayers=1', 'model.decoderLayers=1', 'batchSize=2', 'eager=true'],
  deberta: ['model.width=24', 'model.depth=1', 'dataset.validation=0.34', 'batchSize=2', 'eager=true'],
};

/** A benchmark on its data in miniature, below `root`. */
async function inMiniature(name: string, root: string) {
  const { config } = await opened(name);
  const model = name.replace(/^(cifar-\d+|[a-z\d]+)-/, '');
  const accumulate = Object.entries(config.methods ?? {}).filter(([, spec]) => 'accumulate' in spec);
  return opened(name, [
    `dataset.dir=${path.join(root, config.dataset['dir'] as string)}`,
    ...['epochs=1', 'learningRate.warmupEpochs=0.5'],
    ...accumulate.map(([method]) => `methods.${method}.accumulate=2`),
    ...(smaller[model] as readonly string[]),
  ]);
}

/** Every method for one model of each kind. */
const wholly = ['cifar-10-resnet-18', 'iwslt14-transformer', 'glue-deberta'];

/**
 * The runs: every method, or LETS, whose steps are also those of its base and of SAM. Where data and model were run
 * before, on another task or for CIFAR-10, the base.
 */
function chosen(name: string, cells: readonly Cell[], reference: string): readonly Cell[] {
  return cells.filter((cell, at) => {
    const isFirst = cells.findIndex(({ task, method }) => task === cell.task && method === cell.method) === at;
    const isBefore = cell.task !== cells[0]?.task || name.startsWith('cifar-100');
    return isFirst && (isBefore ? cell.method === reference : wholly.includes(name) || cell.method === 'LETS');
  });
}

describe('each benchmark', () => {
  it.each(names)('%s has every option right, and the same methods and seeds as the others', async (name) => {
    const { config, grid } = await opened(name);
    expect(Object.keys(config.methods ?? {}).slice(1)).toEqual(['SAM', 'ASAM', 'LETS', 'LETS, paper']);
    // The base, three radii of two methods, and LETS in two forms.
    for (const { rows } of grid.tasks) expect(rows).toHaveLength(9);
    expect(grid.tasks).toHaveLength(name.startsWith('glue') ? 9 : 1);
    expect([grid.seeds, config.backend]).toEqual([[0, 1, 2], 'tensorflow']);
  });

  it.each(names.filter((name) => name.startsWith('cifar-10-')))(
    '%s is that of CIFAR-100 but for its data',
    async (name) => {
      const { config } = await opened(name);
      const dataset = { ...config.dataset, dir: 'data/cifar-100-binary' };
      expect((await opened(name.replace('10', '100'))).config).toEqual({ ...config, dataset });
    },
  );
});

const dictionaries = { vocabulary: vocabularyOf(8848), targetVocabulary: vocabularyOf(6632) };
const native = onNative ? describe : describe.skip;
native('on the native backend', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'flatmin-benchmarks-'));
    await writeBenchmarkData(root);
  });
  afterAll(() => rm(root, { recursive: true }));

  it.each(names)('%s takes two steps on its data in miniature', async (name) => {
    const { grid, file, container } = await inMiniature(name, root);
    const checked = await checkGrid(grid, container, { file, say: () => undefined });
    expect(new Set(checked.map(({ stepsPerEpoch }) => stepsPerEpoch))).toEqual(new Set([2]));
    const runs = chosen(name, grid.cells, grid.reference);
    expect(new Set(runs.map(({ task }) => task)).size).toBe(grid.tasks.length);
    for (const cell of runs) {
      const record = await runExperiment(experimentOf(cell.config, cell.seed), { container, write: () => undefined });
      expect([cell.row, record.failure, record.steps]).toEqual([cell.row, undefined, 2]);
      const [end] = record.history;
      const metric = (grid.select as { readonly metric: string }).metric.split('.');
      expect([end?.loss, end?.test?.loss, fieldAt(end, metric)].every(Number.isFinite)).toBe(true);
      // That of a preset may rest for some steps; the published form learns from the first.
      if (cell.method !== 'LETS') expect(record.learnsRadius).toBe(cell.method === 'LETS, paper');
    }
  });

  const images = { inputShape: [32, 32, 3] };
  it.each<[string, Omit<ModelContext, 'random' | 'classes'>, number, number]>([
    ['cifar-10-resnet-18', images, 10, 11_173_962],
    ['cifar-10-wrn-28-10', images, 10, 36_479_194],
    ['cifar-10-pyramidnet-110', images, 10, 28_485_477],
    // Twelve blocks; 48 numbers and a bias for a patch, the class token, 65 positions, gamma, beta and ten classes.
    ['cifar-10-vit-s', images, 10, 12 * (12 * 384 ** 2 + 13 * 384) + 384 * (48 + 1 + 1 + 65 + 2 + 10) + 10],
    ['imagenet-resnet-50', { inputShape: [224, 224, 3] }, 1000, 25_557_032],
    ['iwslt14-transformer', { ...dictionaries, task: 'sequence-to-sequence', inputShape: [100] }, 6632, 39_469_056],
  ])('%s has a model of the size in the literature', async (name, context, classes, weights) => {
    const { config } = await opened(name);
    const model = await officialContainer().loadModel(config.model, { ...context, classes, random: zeros });
    const found = trainedWeights(model as Model);
    model.dispose();
    expect(found).toBe(weights);
  });
});
