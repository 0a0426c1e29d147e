import { loadReference, type Reference, type ReferenceName, referenceNames, runReference } from '@flatmin/conformance';
import { describe, expect, it } from '@jest/globals';
import { createOptimizer } from './index.js';

/** References of variants, bases and options that flatmin does not have yet, and what of each it does not know. */
const notYet: Partial<Record<ReferenceName, RegExp>> = {
  'adam-centralize': /centralize/,
  'adamw-centralize': /centralize/,
  lamb: /"lamb" is not registered/,
  lion: /"lion" is not registered/,
  muon: /"muon" is not registered/,
  'muon-plain-momentum': /"muon" is not registered/,
  'sam-lamb': /"lamb" is not registered/,
  'sam-lion': /"lion" is not registered/,
  'sam-momentum-centralize': /centralize/,
  'sam-muon': /"muon" is not registered/,
  'sam-schedule-free-adamw': /"schedule-free-adamw" is not registered/,
  'sam-schedule-free-sgd': /"schedule-free-sgd" is not registered/,
  'sam-sps': /"sam-sps" is not registered/,
  'sam-sps-lambda': /"sam-sps" is not registered/,
  'schedule-free-adamw': /"schedule-free-adamw" is not registered/,
  'schedule-free-sgd': /"schedule-free-sgd" is not registered/,
  'sgd-ema-plain': /average/,
  'sgd-ema-sam-momentum': /average/,
  'sgd-swa-momentum': /average/,
  'sgd-swa-sam': /average/,
  'usam-lambda-momentum': /lambda/,
  'usam-lambda-sgd': /lambda/,
  'xsam-alpha-sgd': /"xsam" is not registered/,
  'xsam-search-momentum': /"xsam" is not registered/,
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
    expect(Object.keys(worst)).toEqual(expect.arrayContaining(['parameters', 'loss']));
  });

  it('leaves none out whose weights to evaluate with nobody compares', async () => {
    const records = ({ steps }: Reference): boolean =>
      steps.some((step) => step.evaluationParameters !== undefined || step.averageParameters !== undefined);
    for (const name of referenceNames) {
      if (records(await loadReference(name))) expect(Object.keys(notYet)).toContain(name);
    }
  });
});
