// The code of docs/examples/browser in Node, on the same backend as a page can take: cpu. For programs, not for jest.
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import '@tensorflow/tfjs'; // The backend cpu, and the gradients.
import { example } from './examplePage.mjs';
import { ROOT } from '../setup/steps.mjs';

const modules = ['session', 'methods', 'presets', 'run', 'settings', 'slice', 'words'];

/** What those modules of the page export that need no page. */
export async function exampleInNode() {
  // Beside node_modules, so that packages are found.
  const folder = mkdtempSync(path.join(ROOT, 'node_modules/.cache/example-'));
  try {
    const outfile = path.join(folder, 'example.mjs');
    const contents = modules.map((name) => `export * from './${name}.js';`).join('\n');
    const stdin = { contents, resolveDir: path.join(example, 'src'), loader: /** @type {const} */ ('ts') };
    await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', packages: 'external' });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
