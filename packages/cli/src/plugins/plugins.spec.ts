import { createContainer, type FlatminContainer } from '@flatmin/core';
import { definePlugin, type Plugin } from '@flatmin/core/plugin';
import { checkConfig, openContainer, parseJson } from '@flatmin/experiments/internal';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { configText, exampleConfig } from './exampleConfig.js';
import { pluginById } from './pluginById.js';
import { pluginText } from './pluginText.js';

let container: FlatminContainer;
const plugins: Plugin[] = [];
const pageOf = (id: string, columns?: number): string => pluginText(pluginById(id, plugins), columns);

beforeAll(async () => {
  ({ container } = await openContainer([], { version: '0.0.0', plugins: 'flatmin/node' }));
  plugins.push(...container.plugins());
});

describe('the config that shows a plugin', () => {
  it('of every plugin: its text is a config that the checker takes, and names it', () => {
    expect(plugins.length).toBeGreaterThan(60);
    for (const plugin of plugins) {
      const text = configText(exampleConfig(plugin));
      const config = checkConfig(parseJson(text, plugin.id), plugin.id, container);
      expect(JSON.stringify(config)).toContain(JSON.stringify(plugin.id));
    }
  });

  it('has what the plugin says of it, and the usual where it says nothing', () => {
    expect(exampleConfig(pluginById('bsam', plugins))).toMatchObject({
      dataset: { use: 'digits' },
      optimizer: { use: 'bsam', N: 1167, base: { use: 'sgd', learningRate: 0.5 } },
    });
    expect(exampleConfig(pluginById('transformer', plugins))).toMatchObject({
      dataset: { use: 'cmudict' },
      optimizer: { use: 'sam', base: { use: 'adamw' } },
    });
  });
});

describe('flatmin plugins ID', () => {
  it.each([80, 60, 200])('fits %i columns, every plugin', (columns) => {
    for (const plugin of plugins) {
      // Names and links are not broken.
      const long = pluginText(plugin, columns).split('\n').filter((line) => line.length > Math.min(columns, 100) && /\s\S+\s/.test(line.trim())); // prettier-ignore
      expect({ id: plugin.id, long }).toEqual({ id: plugin.id, long: [] });
    }
  });

  it('shows paper, formula, cost, own and shared options with ranges and defaults, and a config', () => {
    const page = pageOf('sam');
    expect(page).toMatch(/^sam \(variant\)\nSharpness-Aware Minimization: descends/);
    expect(page).toContain('\n               https://arxiv.org/abs/2010.01412\n');
    expect(page).toContain('\nOffset         rho d, where d = g / ||g||\nThe base gets  gp\n');
    expect(page).toContain('\nCost           ascentSteps + 1 (gradient evaluations per step)\n');
    expect(page).toContain('\n  rho  number >= 0 | schedule, default 0.05\n      Perturbation radius');
    expect(page).toContain('\nOptions of every variant\n  every  integer >= 1, default 1\n');
    expect(page).toContain('\n  base  spec, required\n');
    expect(page).toContain('\n  clipNorm  number > 0, optional\n');
    expect(page).toContain('\nA config to copy\n{\n  "dataset": { "use": "digits" },\n');
  });

  it('of a meta: what it wraps, and its own option in place of that of its level', () => {
    const page = pageOf('lets');
    expect(page).toContain('\nWhat it wraps\n  inner  spec, default {"use":"sam"}\n');
    expect(page).not.toContain('Options of every variant');
  });

  it('of a base: its cost, and no base', () => {
    expect(pageOf('sgdw')).toContain('\nCost           1 (gradient evaluations per step)\n');
    expect(pageOf('sgdw')).not.toContain('base  spec');
  });

  it('of data and models: no options of optimizers', () => {
    for (const id of ['digits', 'mlp']) expect(pageOf(id)).not.toContain('every optimizer');
  });

  it('lets no text of a plugin reach the terminal as a command', () => {
    const [own] = createContainer({
      plugins: [
        definePlugin({
          kind: 'dataset',
          id: 'foreign',
          apiVersion: 1,
          description: 'red \u001b[31mtext\u009b2J',
          options: z.strictObject({ a: z.string().default('\u001b]0;title\u0007').describe('\u202eb') }),
          create: () => {
            throw new Error('never');
          },
        }),
      ],
    })
      .plugins()
      .filter(({ kind }) => kind === 'dataset');
    // eslint-disable-next-line no-control-regex -- They are what is looked for.
    expect(pluginText(own as Plugin)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});
