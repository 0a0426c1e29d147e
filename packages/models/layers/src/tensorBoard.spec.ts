import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sam } from '@flatmin/sam';
import { describe, expect, it } from '@jest/globals';
import type * as tf from '@tensorflow/tfjs';
import { compile } from './compile.js';
import { classifier, examples } from './models.fixture.js';

/** The part of tfjs-node that is not in TF.js: the package is optional, so its types may be absent. */
interface NodeOnly {
  node: { tensorBoard(directory: string, options: { updateFreq: 'batch' }): tf.CustomCallback };
}

const itOnNative = process.env.FLATMIN_BACKEND === 'tensorflow' ? it : it.skip;

describe('the TensorBoard callback of tfjs-node', () => {
  itOnNative('logs a training by fit', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'flatmin-tensorboard-'));
    try {
      const { x, classes } = examples();
      const model = classifier();
      const optimizer = sam({ rho: 0.1, base: { use: 'sgd', learningRate: 0.1 } });
      compile(model, { optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
      const name: string = '@tensorflow/tfjs-node';
      const { node } = (await import(name)) as NodeOnly;
      const callbacks = node.tensorBoard(directory, { updateFreq: 'batch' });
      await model.fit(x, classes, { epochs: 2, batchSize: 2, verbose: 0, callbacks });
      const written = await readdir(path.join(directory, 'train'));
      expect(written).toEqual([expect.stringContaining('tfevents')]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
