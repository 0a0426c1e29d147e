import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { smallConfig, start } from './command.fixture.js';

const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'flatmin-')));
const opened = path.join(directory, 'opened.txt');
const browser = path.join(directory, 'browser.sh');

beforeAll(() => {
  writeFileSync(browser, `#!/bin/sh\necho "$1" > '${opened}'\n`);
  chmodSync(browser, 0o755);
  writeFileSync(path.join(directory, 'config.json'), JSON.stringify(smallConfig));
});
afterAll(() => rmSync(directory, { recursive: true }));

// On macOS and Windows the system chooses the browser, and nothing can stand in for it.
(process.platform === 'linux' ? describe : describe.skip)('--open', () => {
  it('opens the report that was written, after the results', async () => {
    // Nothing that tells of a desktop, whose own browser would open.
    const { PATH, FLATMIN_BACKEND } = process.env;
    const env = { PATH, ...(FLATMIN_BACKEND && { FLATMIN_BACKEND }), BROWSER: browser, FORCE_COLOR: '1' };
    const args = ['train', 'config.json', '--out', 'run', '--open'];
    const { code, out } = await start(args, { cwd: directory, env }).ended;
    expect(code).toBe(0);
    for (let i = 0; i < 100 && !existsSync(opened); i++) await setTimeout(100);
    await setTimeout(200);
    expect(readFileSync(opened, 'utf8').trim()).toBe(path.join(directory, 'run/report.html'));
    // And color, as it was asked for: the head of the table, and the rule below it.
    expect(out).toContain('\u001b[1mmethod ');
    expect(out).toContain('-\u001b[22m\nsam(sgd)');
  });
});
