// Trains in Node with the code of docs/examples/browser, on the same backend as a page can: cpu. Prints the first
// points of two runs as JSON. `node tools/browser/losses.mjs METHOD RADIUS METHOD RADIUS`
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import '@tensorflow/tfjs'; // The backend cpu, and the gradients.
import { example } from './examplePage.mjs';
import { ROOT } from '../setup/steps.mjs';

// Beside node_modules, so that packages are found.
const folder = mkdtempSync(path.join(ROOT, 'node_modules/.cache/example-'));
try {
  const outfile = path.join(folder, 'session.mjs');
  const contents = `export { Session } from './session.js'; export { methodOf } from './methods.js';`;
  const stdin = { contents, resolveDir: path.join(example, 'src'), loader: /** @type {const} */ ('ts') };
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', packages: 'external' });
  const { methodOf, Session } = await import(pathToFileURL(outfile).href);
  const [idA, radiusA, idB, radiusB] = process.argv.slice(2);
  const settings = [
    [idA, radiusA],
    [idB, radiusB],
  ].map(([id, radius]) => ({ method: methodOf(id), radius: Number(radius), learningRate: 0.1, noise: 0.2, epochs: 1 }));
  const points = [];
  const watcher = (run) => ({
    onStep: () => undefined,
    onFailure: (error) => console.error(error),
    onPoint: (point) => {
      points[run] ??= point;
      if (points[0] && points[1]) void session.stop();
    },
  });
  const session = await Session.begin(settings, [watcher(0), watcher(1)]);
  await session.ended;
  console.log(JSON.stringify(points));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
