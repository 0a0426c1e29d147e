import { describe, expect, it } from '@jest/globals';
import { disposeCheckpoint } from '../checkpoint/checkpoint.js';
import { decodeCheckpoint } from '../checkpoint/checkpointFormat.js';
import { reductionsIn } from '../settings/plateau.js';
import { memoryStore, timeless, trainTiny } from './tinyRun.fixture.js';

// So large that no evaluation counts as better than the first.
const reduceOnPlateau = { metric: 'validation.accuracy', minDelta: 1, patience: 2, factor: 0.5 };

describe('train with reduceOnPlateau', () => {
  it('lowers the learning rate, and its schedule with it', async () => {
    const { history } = await trainTiny({ epochs: 6, reduceOnPlateau });
    expect(history.map(({ learningRate }) => learningRate)).toEqual([0.1, 0.1, 0.1, 0.05, 0.05, 0.025]);
    const linear = { schedule: 'linear' } as const;
    const [plain, reduced] = [
      await trainTiny({ epochs: 4, learningRate: linear }),
      await trainTiny({ epochs: 4, learningRate: linear, reduceOnPlateau }),
    ];
    const rates = plain.history.map(({ learningRate }) => learningRate);
    expect(reduced.history.map(({ learningRate }) => learningRate)).toEqual([
      ...rates.slice(0, 3),
      (rates[3] as number) / 2,
    ]);
  });

  it('follows the metric that it is told', async () => {
    const watching = { metric: 'validation.loss', patience: 1, factor: 0.5 };
    const { history } = await trainTiny({ epochs: 5, learningRate: 1, reduceOnPlateau: watching });
    const losses = history.map(({ validation }) => validation?.loss as number);
    const expected = losses.map((_, i) =>
      reductionsIn(losses.slice(0, i), -1, { patience: 1, minDelta: 0, cooldown: 0 }),
    );
    expect(history.map(({ learningRate }) => learningRate)).toEqual(expected.map((n) => 0.5 ** n));
  });

  it('goes on from a checkpoint as if nothing had been', async () => {
    const checkpoints = memoryStore();
    const whole = await trainTiny({ epochs: 5, reduceOnPlateau, checkpoints });
    const resume = decodeCheckpoint(checkpoints.files[3] as Uint8Array, 'memory');
    const resumed = await trainTiny({ epochs: 5, reduceOnPlateau, resume }).finally(() => disposeCheckpoint(resume));
    expect(timeless(resumed)).toEqual(timeless(whole));
  });

  it('refuses a metric that the evaluation does not have, before the first step', async () => {
    await expect(trainTiny({ reduceOnPlateau: { metric: 'validation.f1' } })).rejects.toMatchObject({
      code: 'RUN_INVALID',
      message: expect.stringMatching(/^reduceOnPlateau\.metric is "validation\.f1"/),
    });
  });
});
