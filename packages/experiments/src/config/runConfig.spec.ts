import { trainSettingsSchema } from '@flatmin/training';
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runConfigSchema } from './runConfig.js';

const least = {
  dataset: { use: 'd' },
  model: { use: 'm' },
  optimizer: { use: 'o' },
  epochs: 1,
  batchSize: 1,
};

describe('runConfigSchema', () => {
  it('has the settings of train, with their defaults, and no others of their names', () => {
    const settings: Record<string, unknown> = { ...trainSettingsSchema.parse({ epochs: 1, batchSize: 1 }) };
    delete settings['seed'];
    expect(runConfigSchema.parse(least)).toEqual({
      ...least,
      ...settings,
      validationBatchSize: 64,
      backend: 'auto',
      tensorBoard: false,
      keepCheckpoints: 3,
    });
    for (const [name, schema] of Object.entries(trainSettingsSchema.shape)) {
      if (name !== 'seed') expect(runConfigSchema.shape[name as 'epochs']).toBe(schema);
    }
  });

  it('is what the README says: each field that is not a setting of train, with its default', () => {
    const readme = readFileSync(path.join(__dirname, '../../../cli/README.md'), 'utf8');
    const told = new Map(
      [...readme.matchAll(/^\| (`[^|]+`) \| [^|]+ \| ([^|]+) \|/gm)].flatMap(([, names = '', value = '']) =>
        [...names.matchAll(/`(\$?\w+)`/g)].map(([, name]) => [name as string, value.trim()] as const),
      ),
    );
    const config: Readonly<Record<string, unknown>> = {
      seed: 0,
      seeds: 0,
      plugins: 'none',
      $schema: 'none',
      name: 'none',
      mlflow: 'none',
      probe: 'none',
      ...runConfigSchema.parse(least),
    };
    const own = Object.keys(runConfigSchema.shape).filter(
      (name) => name === 'seed' || !(name in trainSettingsSchema.shape),
    );
    const expected = own.map((name) => [name, name in least ? 'required' : String(config[name])]);
    expect(own.map((name) => [name, told.get(name)])).toEqual(expected);
  });
});
