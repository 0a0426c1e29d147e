import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { findChromium, openPage } from '../../browser/chromium.mjs';

const root = path.join(import.meta.dirname, '../../..');
const dist = path.join(root, 'docs/.vitepress/dist');

/** All that a build without warnings prints: VitePress's progress. typedoc prints nothing. */
const progress =
  /^\s*(vitepress v[\d.]+|[-✓] (building client \+ server bundles|rendering pages)\.\.\.|build complete in [\d.]+s\.)?\s*$/;

const executable = findChromium();

const page = (name) => readFileSync(path.join(dist, `${name}.html`), 'utf8');

describe('the documentation site', () => {
  let build;
  beforeAll(() => {
    const env = { ...process.env };
    delete env.NODE_ENV; // Jest's says "test", and Vue then builds for that.
    build = spawnSync('npm', ['run', '--silent', 'docs:build'], { cwd: root, env, encoding: 'utf8', timeout: 570_000 });
  });

  it('is built without a warning: types, links, anchors, sizes', () => {
    const { status, stdout, stderr } = build;
    const lines = stripVTControlCharacters(`${stdout}\n${stderr}`).split('\n');
    const warnings = lines.filter((line) => !progress.test(line));
    expect({ status, warnings }).toEqual({ status: 0, warnings: [] });
  });

  it('shows guides, packages, their API, and what is generated', () => {
    expect(page('index')).toContain('Sharpness-aware training for TensorFlow.js');
    for (const guide of readdirSync(path.join(root, 'docs/guides'))) {
      expect(page('index')).toContain(`/guides/${guide.replace('.md', '.html')}`); // In the sidebar.
    }
    expect(page('packages/variants/sam')).toContain('@flatmin/sam');
    expect(page('guides/choose-rho')).toMatch(/<meta name="description" content="rho is how far a step climbs/);
    expect(page('index')).toContain('rel="icon"');
    expect(page('reference/api/core/classes/SharpnessAwareOptimizer')).toContain('minimize');
    expect(page('reference/api/core/plugin/interfaces/SharpnessVariant')).toContain('ascend');
    expect(page('reference/api/training/node/functions/checkpointDirectory')).toContain('checkpointDirectory');
    // A page for each symbol, and the one that is looked for most at the head of the first list.
    const list = page('reference/api/flatmin/index');
    expect(list.indexOf('functions/createOptimizer')).toBeLessThan(list.indexOf('functions/compile'));
    expect(page('reference/variants')).toContain('Adaptive SAM');
  });

  it('sets formulas, in fonts of its own', () => {
    for (const name of ['packages/variants/sam', 'reference/variants', 'guides/how-it-works']) {
      expect(page(name)).toContain('class="katex"');
      expect(page(name)).not.toMatch(/katex-error|```math/);
    }
    const fonts = readdirSync(path.join(dist, 'assets')).filter((name) => /^KaTeX_Main-Regular\..*woff2$/.test(name));
    expect(fonts).toHaveLength(1);
  });

  (executable ? it : it.skip)(
    'trains in its home, and loads nothing for it before it is asked',
    async () => {
      const server = spawn(process.execPath, ['tools/docs/site/serve.mjs'], { cwd: root });
      const { page: home, close } = await openPage(executable, {
        viewport: { width: 1200, height: 800 },
        args: ['--force-dark-mode'], // A system that prefers dark,
        colorScheme: null, // and what pages prefer is not laid down, as it is by default.
      });
      try {
        const requests = [];
        home.on('request', (request) => requests.push(request.url()));
        const [, url] = await new Promise((resolve) => {
          server.stdout.on('data', (text) => {
            const found = /(http:\/\/127\.0\.0\.1:\d+\/)/.exec(stripVTControlCharacters(String(text)));
            if (found) resolve(found);
          });
        });
        await home.goto(url, { waitUntil: 'networkidle' });
        expect(requests.filter((each) => each.includes('/demo/') || !each.startsWith(url))).toEqual([]);
        await home.getByRole('button', { name: 'Train two networks here' }).press('Enter');
        const frame = home.frameLocator('iframe');
        await frame.locator('#start').click();
        await frame.locator('#figures-b div:nth-child(2) dd', { hasText: /^[1-9]/ }).waitFor();
        expect(requests.filter((each) => each.endsWith('.wasm')).length).toBe(1);
        expect(requests.filter((each) => !each.startsWith(url) && !each.startsWith('data:'))).toEqual([]);
        // As high as its page, so that only the home scrolls.
        expect(await frame.locator('html').evaluate((html) => html.scrollHeight - html.clientHeight)).toBe(0);
        // Light or dark as the switch of the site is.
        for (const isDark of [false, true]) {
          await home.evaluate((on) => globalThis.document.documentElement.classList.toggle('dark', on), isDark);
          await home
            .frame({ url: /\/demo\// })
            ?.waitForFunction((on) => globalThis.matchMedia('(prefers-color-scheme: dark)').matches === on, isDark);
        }
      } finally {
        await close();
        server.kill();
      }
    },
    120_000,
  );

  it('has an index to search in', () => {
    const chunks = path.join(dist, 'assets/chunks');
    const [index] = readdirSync(chunks).filter((name) => name.startsWith('@localSearchIndex'));
    expect(readFileSync(path.join(chunks, index), 'utf8')).toContain('checkpointDirectory');
  });

  it('loads nothing from elsewhere', () => {
    const loads = [...page('index').matchAll(/<(?:script|link|img)[^>]* (?:src|href)="([^"]+)"/g)].map(
      ([, url]) => url,
    );
    expect(loads.length).toBeGreaterThan(0);
    expect(loads.filter((url) => !url.startsWith('/') || !existsSync(path.join(dist, url)))).toEqual([]);
    const styles = readdirSync(path.join(dist, 'assets')).filter((name) => name.endsWith('.css'));
    for (const name of styles) {
      expect(readFileSync(path.join(dist, 'assets', name), 'utf8')).not.toMatch(/url\(["']?(https?:)?\/\//);
    }
  });
});
