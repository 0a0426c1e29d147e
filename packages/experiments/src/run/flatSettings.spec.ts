import { expect, it } from '@jest/globals';
import { flatSettings } from './flatSettings.js';

it('flatSettings has them by path, without what is left out', () => {
  const optimizer = { use: 'sam', rho: 0.05, base: { use: 'momentum', momentum: 0.9 } };
  const settings = { optimizer, batchSize: 64, earlyStopping: null, eager: false, model: { hidden: [4, 2] } };
  expect(flatSettings(settings, 3)).toEqual({
    seed: 3,
    'optimizer.use': 'sam', 'optimizer.rho': 0.05, 'optimizer.base.use': 'momentum', 'optimizer.base.momentum': 0.9,
    batchSize: 64, eager: false, 'model.hidden': '[4,2]',
  }); // prettier-ignore
});
