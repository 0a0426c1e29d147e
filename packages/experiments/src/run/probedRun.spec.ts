import { expect, it } from '@jest/globals';
import { officialContainer } from 'flatmin/node';
import { runConfigSchema } from '../config/runConfig.js';
import { runExperiment } from './runExperiment.js';
import type { MetricsLine } from './runRecord.js';
import { settingsOf } from './sameSettings.js';

const config = runConfigSchema.parse({
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [4] },
  optimizer: { use: 'sam', rho: 0.1, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } },
  epochs: 1,
  batchSize: 64,
  evaluate: { parts: [] },
  probe: { everySteps: 10, measures: ['eigenvalue', 'worstCase'], examples: 100 },
});

it('a run with a probe in its config tells what it found, and is the run without', async () => {
  const lines: MetricsLine[] = [];
  const context = { container: officialContainer(), write: (line: MetricsLine) => void lines.push(line) };
  const run = { ...config, method: 'sam', seed: 0 };
  const { history } = await runExperiment(run, context);
  const probed = lines.filter(({ event }) => event === 'probe');
  // 1,167 examples: 19 steps.
  expect(probed).toEqual([
    {
      ...{ event: 'probe', method: 'sam', seed: 0, step: 10, epoch: 1 },
      values: {
        eigenvalue: expect.any(Number),
        eigenvalueError: expect.any(Number),
        worstCase: expect.any(Number),
        gradients: expect.any(Number),
        values: expect.any(Number),
      },
    },
  ]);
  expect((await runExperiment({ ...run, probe: undefined }, context)).history).toEqual(history);
});

it('a probe belongs to what a run is resumed with, and its mistakes are told', () => {
  expect(settingsOf(config, 'cpu')).toHaveProperty('probe.everySteps', 10);
  expect(settingsOf({ ...config, probe: undefined }, 'cpu')).not.toHaveProperty('probe');
  const wrong = runConfigSchema.safeParse({ ...config, probe: { everySteps: 0, measures: ['hessian'] } });
  expect(wrong.error?.issues.map(({ path }) => path.join('.'))).toEqual(['probe.everySteps', 'probe.measures.0']);
});
