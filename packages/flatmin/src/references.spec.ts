import { loadReference, type ReferenceName, referenceNames, runReference } from '@flatmin/conformance';
import { describe, expect, it } from '@jest/globals';
import { createOptimizer } from './index.js';

/** References of variants, bases and options that flatmin does not have yet, and what of each it does not know. */
const notYet: Partial<Record<ReferenceName, RegExp>> = {
  'adam-centralize': /centralize/,
  'adamw-centralize': /centralize/,
  'sam-momentum-centralize': /centralize/,
  'sgd-ema-plain': /average/,
  'sgd-ema-sam-momentum': /average/,
  'sgd-swa-momentum': /average/,
  'sgd-swa-sam': /average/,
};

describe('createOptimizer of a reference as its file has it', () => {
  it.each(referenceNames)('%s', async (name) => {
    const missing = notYet[name];
    if (missing !== undefined) {
      // The day it is there, this line fails, and the run below is due.
      const { optimizer } = await loadReference(name);
      return expect(() => createOptimizer(optimizer)).toThrow(missing);
    }
    const { messages, worst } = await runReference(name, createOptimizer);
    expect(messages).toEqual([]);
    const { steps } = await loadReference(name);
    const recorded = (['evaluationParameters', 'averageParameters'] as const).filter((kind) => steps.at(-1)?.[kind]);
    expect(Object.keys(worst)).toEqual(expect.arrayContaining(['parameters', 'loss', ...recorded]));
  });
});
