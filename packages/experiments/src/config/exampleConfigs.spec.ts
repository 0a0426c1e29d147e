import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { readConfig } from './checkConfig.js';

const examples = path.join(__dirname, '../../../../docs/examples');
const distribution = { version: '0.0.0', plugins: 'flatmin/node' };
const files = readdirSync(examples).filter((file) => file.endsWith('.json'));

it.each(files)('docs/examples/%s is a config that trains, with every option right', async (file) => {
  const { config } = await readConfig(path.join(examples, file), distribution);
  const { model, seeds } = config;
  expect([model.use, seeds]).toEqual([expect.any(String), [0, 1, 2]]);
});
