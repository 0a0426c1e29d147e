import { loadReference, referenceNames, runReference } from '@flatmin/conformance';
import { describe, expect, it } from '@jest/globals';
import { createOptimizer } from './index.js';

describe('createOptimizer of a reference as its file has it', () => {
  it.each(referenceNames)('%s', async (name) => {
    const { messages, worst } = await runReference(name, createOptimizer);
    expect(messages).toEqual([]);
    const { steps } = await loadReference(name);
    const recorded = (['evaluationParameters', 'averageParameters'] as const).filter((kind) => steps.at(-1)?.[kind]);
    expect(Object.keys(worst)).toEqual(expect.arrayContaining(['parameters', 'loss', ...recorded]));
  });
});
