import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Spec } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import { officialContainer } from 'flatmin/node';
import { runExperiment } from './runExperiment.js';

const lets: Spec = {
  use: 'lets',
  preset: 'robust',
  inner: { use: 'sam', rho: 0.02, base: { use: 'adamw', learningRate: 0.02 } },
};

/** The header of STS-B. */
const similarity = 'index genre filename year old_index source1 source2 sentence1 sentence2 score'.split(' ');

/** `rows` of three words, one of which tells the label, in the columns of a GLUE task. */
async function glueTable(directory: string, task: 'cola' | 'sts-b', rows: number): Promise<void> {
  const table = Array.from({ length: rows }, (_, i) => {
    const text = `${['apple', 'pear', 'plum'][i % 3]} ${i % 2 === 0 ? 'bad' : 'good'} word${i % 5}`;
    return task === 'cola' ? `x\t${i % 2}\t\t${text}` : [i, 1, 2, 3, 4, 5, 6, text, text, 1 + 3 * (i % 2)].join('\t');
  });
  const header = task === 'cola' ? [] : [similarity.join('\t')];
  for (const name of ['train.tsv', 'dev.tsv'])
    await writeFile(path.join(directory, name), [...header, ...table].join('\n'));
}

describe('LETS-SAM trains a text encoder on a GLUE task, and reports what GLUE judges by', () => {
  it.each([
    ['cola', 'bert', ['matthews']],
    ['sts-b', 'disentangled', ['pearson', 'spearman']],
  ] as const)('%s, with %s attention', async (task, attention, names) => {
    const dir = await mkdtemp(path.join(tmpdir(), 'flatmin-glue-'));
    try {
      await glueTable(dir, task, 60);
      const { history } = await runExperiment(
        {
          method: 'lets',
          seed: 0,
          dataset: { use: 'glue', dir, task, encoding: 'ids', length: 8, validation: 0.2 },
          model: { use: 'text-encoder', attention, width: 8, depth: 1, heads: 2, positions: 9, dropout: 0.1 },
          optimizer: lets,
          epochs: 8,
          batchSize: 16,
          validationBatchSize: 12,
          logEvery: 50,
          evaluate: { parts: ['test'] },
        },
        { container: officialContainer(), write: () => undefined },
      );
      const scores = history.at(-1)?.test?.scores ?? {};
      expect(Object.keys(scores)).toEqual(names);
      // Of two labels Spearman's is at most sqrt(3) / 2, where no two outputs are equal.
      for (const name of names) expect(scores[name]).toBeGreaterThan(0.6);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('LETS-SAM trains a text encoder as a language model', () => {
  it('learns sentences that always go the same way', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'flatmin-brown-'));
    try {
      const names = Array.from({ length: 10 }, (_, i) => `ca${String(i + 1).padStart(2, '0')}`);
      await writeFile(path.join(dir, 'cats.txt'), names.map((name) => `${name} news\n`).join(''));
      const sentence = 'The/at jury/nn of/in six/cd met/vbd ./.\n';
      for (const name of names) await writeFile(path.join(dir, name), sentence.repeat(12));
      const { history } = await runExperiment(
        {
          method: 'lets',
          seed: 0,
          dataset: { use: 'brown', dir, task: 'language-modelling', length: 8, validation: 0.2, testFraction: 0.2 },
          model: { use: 'text-encoder', width: 8, depth: 1, heads: 2, positions: 8, dropout: 0.1 },
          optimizer: lets,
          epochs: 6,
          batchSize: 16,
          validationBatchSize: 12,
          logEvery: 50,
          evaluate: { parts: ['test'] },
        },
        { container: officialContainer(), write: () => undefined },
      );
      // Every token but the first of a window is certain; of eleven tokens by chance, the perplexity is 11.
      expect(history.at(-1)?.test?.accuracy).toBeGreaterThan(0.7);
      expect(history.at(-1)?.test?.perplexity).toBeLessThan(3);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
