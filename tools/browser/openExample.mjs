import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openPage } from './chromium.mjs';
import { buildExample, serve } from './examplePage.mjs';

/** The example, built and open in a browser: under a path, as on a site of which it is a part. */
export async function openExample(executablePath, options = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flatmin-page-'));
  buildExample(folder);
  const server = await serve(folder);
  const browser = await openPage(executablePath, options);
  const { page } = browser;
  /** @type {string[]} what went wrong in the page */
  const errors = [];
  /** @type {URL[]} what the page asked for */
  const requests = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error.stack)));
  page.on('request', (request) => requests.push(new URL(request.url())));
  const url = `${server.url}a/site/demo/`;
  await page.goto(url);
  const close = async () => {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, page, url, errors, requests, close };
}
