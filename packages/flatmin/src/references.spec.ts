import { loadReference, referenceNames, runReference } from '@flatmin/conformance';
import { describe, expect, it } from '@jest/globals';
import { createOptimizer, officialContainer } from './index.js';

/** Bases that TF.js lacks and flatmin does not have yet: plain optimizers, no variant. */
const notYet = ['adamw', 'sgdw'];

describe('createOptimizer of a reference as its file has it', () => {
  it.each(referenceNames)('%s', async (name) => {
    const reference = await loadReference(name);
    if (notYet.includes(reference.optimizer.use)) {
      // The day it is there, this line fails, and the run below is due.
      return expect(() => createOptimizer(reference.optimizer)).toThrow(/is not registered/);
    }
    const { messages, worst } = await runReference(reference, createOptimizer);
    expect(messages).toEqual([]);
    expect(Object.keys(worst)).toEqual(expect.arrayContaining(['parameters', 'loss']));
  });

  it('leaves out nothing but these bases', async () => {
    const used = new Set<string>();
    for (const name of referenceNames) used.add((await loadReference(name)).optimizer.use);
    const known = officialContainer()
      .plugins()
      .map(({ id }) => id);
    expect([...used].filter((use) => !known.includes(use)).sort()).toEqual(notYet);
  });
});
