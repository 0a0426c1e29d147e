// Makes the picture in the README of docs/examples/browser: `node tools/browser/screenshot.mjs [FILE]`.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findChromium, openPage } from './chromium.mjs';
import { buildExample, example, serve } from './examplePage.mjs';

const steps = 2200;
const file = path.resolve(process.argv[2] ?? path.join(example, 'screenshot.png'));
const executable = findChromium();
if (executable === undefined) throw new Error('There is no chromium on PATH. Install one, or set CHROMIUM_PATH.');

const outdir = mkdtempSync(path.join(os.tmpdir(), 'flatmin-example-'));
buildExample(outdir);
const server = await serve(outdir);
const { page, close } = await openPage(executable, { viewport: { width: 1100, height: 800 }, colorScheme: 'light' });
try {
  await page.goto(server.url);
  await page.waitForFunction(() => globalThis.document.body.dataset.state === 'ready');
  await page.click('#start');
  await page.waitForFunction((last) => globalThis.flatminExample.points()[1].at(-1)?.step >= last, steps, {
    timeout: 600_000,
  });
  await page.click('#pause');
  await page.screenshot({ path: file, fullPage: true });
  console.log(`${file}: ${(statSync(file).size / 1000).toFixed(0)} kB`);
} finally {
  await close();
  await server.close();
  rmSync(outdir, { recursive: true, force: true });
}
