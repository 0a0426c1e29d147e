import { afterAll, expect, it } from '@jest/globals';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { registrationsOf } from './registrations.js';
import { ROOT as root } from '../setup/steps.mjs';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'flatmin-imports-')));
symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
afterAll(() => rmSync(folder, { recursive: true }));

it('tells programs apart by what their imports leave in a process, and by nothing else', async () => {
  const programs = {
    core: `import * as tf from '@tensorflow/tfjs-core'; tf.scalar(1);`,
    sam: `import { samPlugin } from '@flatmin/sam'; console.log(samPlugin);`,
    asam: `import { asamPlugin } from '@flatmin/asam'; console.log(asamPlugin);`,
    backend: `import { loadBackend } from '@flatmin/backend'; await loadBackend();`,
    later: `import * as tf from '@tensorflow/tfjs-core'; await import('@flatmin/backend');`,
    layers: `import { compile } from '@flatmin/model-layers'; console.log(compile);`,
  };
  const fileOf = (name: string): string => path.join(folder, `${name}.mjs`);
  for (const [name, code] of Object.entries(programs)) writeFileSync(fileOf(name), code);
  const found = await registrationsOf(Object.keys(programs).map(fileOf), folder);
  const of = (name: keyof typeof programs): string | undefined => found.get(fileOf(name));
  expect(of('core')).toBe('@tensorflow/tfjs-core');
  expect(of('later')).toBe(of('core'));
  expect(of('asam')).toBe(of('sam'));
  expect(of('backend')).toContain('@tensorflow/tfjs');
  expect(of('layers')).toMatch(/registerOptimizer/);
  expect(new Set([of('core'), of('backend'), of('layers')]).size).toBe(3);
});
