// The Chromium of this machine: the one that CHROMIUM_PATH names, else the first that is on PATH.
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Undefined where there is none; a CHROMIUM_PATH that leads nowhere is an error. */
export function findChromium({ CHROMIUM_PATH: chosen, PATH = '' } = process.env) {
  if (chosen) {
    if (isExecutable(chosen)) return chosen;
    throw new Error(
      `CHROMIUM_PATH is ${chosen}, which is not a program. Give the path of chromium or chrome, or unset it.`,
    );
  }
  return PATH.split(path.delimiter)
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find(isExecutable);
}

// Nothing is asked of the network. The processor paints the page and computes WebGL: the latter alone through
// SwiftShader, which for the whole page takes twice the time.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/**
 * A page of a browser with a profile of its own; `close` ends the browser and removes the profile.
 *
 * @param {string | undefined} executablePath
 * @param {NonNullable<Parameters<typeof chromium.launchPersistentContext>[1]>} [options] its `args` are added to ours.
 */
export async function openPage(executablePath, { args = [], ...options } = {}) {
  const profile = mkdtempSync(path.join(os.tmpdir(), 'flatmin-chromium-'));
  const remove = () => rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: [...flags, ...args],
      ...options,
    });
    const close = () => context.close().finally(remove);
    return { page: context.pages()[0] ?? (await context.newPage()), close };
  } catch (error) {
    remove();
    throw error;
  }
}
