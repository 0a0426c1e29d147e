import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { findChromium } from './chromium.mjs';
import { openExample } from './openExample.mjs';

const executable = findChromium();
const longest = 120_000;
const why = executable ? '' : ' (skipped: no chromium on PATH; install one, or set CHROMIUM_PATH)';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

(executable ? describe : describe.skip)(`stories and links of docs/examples/browser, in Chromium${why}`, () => {
  let example, page;

  beforeAll(async () => {
    example = await openExample(executable, { viewport: { width: 1000, height: 800 } });
    page = example.page;
    page.setDefaultTimeout(longest - 10_000);
  }, longest);

  afterAll(async () => {
    await example?.close();
  });

  const ready = () => page.waitForFunction(() => globalThis.document.body.dataset.state === 'ready');
  /** Opens the page anew, from a link with this fragment. */
  const open = async (fragment = '') => {
    await page.goto('about:blank');
    await page.goto(example.url + fragment);
    await ready();
  };
  beforeEach(() => open(), longest);

  const fields = [
    'method-a',
    'radius-a-value',
    'method-b',
    'radius-b-value',
    'noise',
    'learning-rate-value',
    'backend',
  ];
  /** What the controls show, in this order. */
  const shown = () => Promise.all(fields.map((id) => page.locator(`#${id}`).evaluate((field) => field.value)));
  const text = (id) => page.locator(`#${id}`).textContent();
  const fragment = () => new URL(page.url()).hash;

  it('opens with the first story, and leaves the address as it is', async () => {
    expect(fragment()).toBe('');
    expect(await page.locator('#preset').inputValue()).toBe('memorize');
    expect((await shown()).slice(0, 3)).toEqual(['sgd', 'none', 'lets-sam']);
    expect(await text('message')).toBe('Ready. Press Start.');
    expect(await text('slice-words')).toBe('Nothing is measured yet.');
  });

  it('has an address that follows every control, and gives the same page again', async () => {
    await page.selectOption('#method-a', 'lets-asam');
    await page.locator('#radius-a').press('ArrowLeft');
    await page.selectOption('#method-b', 'usam');
    await page.locator('#radius-b').press('End');
    await page.selectOption('#noise', '0.4');
    await page.locator('#learning-rate').press('ArrowLeft');
    await page.selectOption('#backend', 'cpu');
    await ready();
    const set = await shown();
    expect(set).toEqual(['lets-asam', '0.2', 'usam', '2', '0.4', '0.05', 'cpu']);
    expect(fragment()).toBe('#a=lets-asam&a-rho=0.2&b=usam&b-rho=2&labels=0.4&rate=0.05&backend=cpu');
    expect(await page.locator('#preset option:checked').textContent()).toBe('Your own settings');
    await page.reload();
    await ready();
    expect(await shown()).toEqual(set);
    await open(fragment());
    expect(await shown()).toEqual(set);
    expect(await text('message')).toBe('Ready. Press Start.');
  });

  it('follows an address that is changed by hand', async () => {
    await page.evaluate(() => (globalThis.location.hash = '#a=wsam&b=sgd'));
    await page.waitForFunction(
      () => globalThis.document.querySelector('#method-a option:checked')?.textContent === 'WSAM',
    );
    expect((await shown()).slice(0, 4)).toEqual(['wsam', '0.05', 'sgd', 'none']);
  });

  it('says what is wrong with a link, and takes the usual settings for it', async () => {
    const usual = await shown();
    await open('#a=adam&a-rho=0.1&b=lets-sam&b-rho=0.03&labels=20%25&rate=1e9&rate=0.1&backend=wgpu&epochs=9');
    await page.waitForSelector('#message.error');
    expect((await text('message')).split('\n')).toEqual([
      expect.stringMatching(/^The link says a=adam, which is not one of sgd, sam, .*, lets-vasso\. sgd is taken\.$/),
      'The link says a-rho, and SGD has no radius.',
      expect.stringMatching(/^The link says b-rho=0\.03, which is not one of 0, 0\.001, .*, 1, 2\. .+ is taken\.$/),
      'The link says labels=20%, which is not one of 0, 0.2, 0.4. 0.2 is taken.',
      'The link says rate 2 times: say it once. 0.1 is taken.',
      'The link says backend=wgpu, which is not one of wasm, webgl, webgpu, cpu. wasm is taken.',
      'The link says epochs, which is not a setting of this page. It changes nothing.',
    ]);
    expect(await shown()).toEqual(usual);
    await page.selectOption('#noise', '0');
    await page.waitForSelector('#message:not(.error)');
    expect(fragment()).toContain('labels=0&');
  });

  it('has stories: each sets all controls but the backend, and says where to look', async () => {
    await page.selectOption('#backend', 'cpu');
    const stories = await page.locator('#preset option').evaluateAll((all) => all.map(({ value }) => value));
    expect(stories.length).toBe(3);
    const looks = [];
    const addresses = [];
    for (const story of stories.reverse()) {
      await page.selectOption('#preset', story);
      await ready();
      looks.push(await text('look'));
      addresses.push(fragment());
      expect((await shown()).at(-1)).toBe('cpu');
      const link = fragment();
      await page.reload();
      await ready();
      expect([await page.locator('#preset').inputValue(), await text('look'), fragment()]).toEqual([
        story,
        looks.at(-1),
        link,
      ]);
    }
    for (const look of looks) expect(look).toMatch(/^.{60,}\.$/);
    expect([new Set(looks).size, new Set(addresses).size]).toEqual([3, 3]);
  });

  it('shares its settings as a link: copied where it may, else selected', async () => {
    await page.evaluate(() => {
      globalThis.copied = [];
      const clipboard = { writeText: async (link) => void globalThis.copied.push(link) };
      Object.defineProperty(globalThis.navigator, 'clipboard', { configurable: true, value: clipboard });
    });
    await page.locator('#share').press('Enter');
    await page.waitForFunction(() => globalThis.document.querySelector('#share-says')?.textContent !== '');
    const link = await page.locator('#link').inputValue();
    expect(await text('share-says')).toBe('Copied.');
    expect(await page.evaluate(() => globalThis.copied)).toEqual([link]);
    expect(link).toMatch(new RegExp(`^${example.url}#a=sgd&b=lets-sam&b-rho=0.05&labels=0.2&rate=0.1&backend=wasm$`));

    await page.selectOption('#noise', '0.4');
    expect(await page.locator('#link').isHidden()).toBe(true);
    await page.evaluate(() => {
      const clipboard = { writeText: () => Promise.reject(new Error('not allowed')) };
      Object.defineProperty(globalThis.navigator, 'clipboard', { configurable: true, value: clipboard });
    });
    await page.locator('#share').press('Enter');
    await page.waitForFunction(() => globalThis.document.querySelector('#share-says')?.textContent !== '');
    expect(await text('share-says')).toBe('The link is selected: copy it from the field.');
    const selected = await page.evaluate(() => {
      const active = globalThis.document.activeElement;
      return { id: active?.id, selected: String(globalThis.getSelection()) };
    });
    expect(selected).toEqual({ id: 'link', selected: expect.stringContaining('labels=0.4') });
  });

  it('is reached with the keyboard, control by control', async () => {
    const reached = [];
    for (let i = 0; i < 10; i++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => globalThis.document.activeElement?.id));
    }
    // The radius of SGD cannot be set, and nothing can be paused yet.
    const order = ['preset', 'share', 'method-a', 'method-b', 'radius-b', 'backend', 'noise', 'learning-rate', 'start'];
    expect(reached.slice(0, 9)).toEqual(order);
  });

  it.each(['light', 'dark'])('is readable in %s, at 390 px, and by axe', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 800 });
    await page.click('#share');
    expect(await page.evaluate(() => globalThis.document.documentElement.scrollWidth)).toBe(390);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  it('loads no backend and little code before it trains', () => {
    const files = new Set(example.requests.map(({ pathname }) => path.basename(pathname)));
    const scripts = [...files].filter((name) => name.endsWith('.js'));
    expect([...files].filter((name) => name.endsWith('.wasm'))).toEqual([]);
    // 671 kB when this was written: 18 kB for slices, links and stories, 33 kB for what stands around any base.
    const size = scripts.reduce((sum, name) => sum + statSync(path.join(example.folder, name)).size, 0);
    expect(size).toBeGreaterThan(100_000);
    expect(size).toBeLessThan(700_000);
  });

  it('asked nobody but its own server, and had no errors', () => {
    const { errors, requests } = example;
    expect(new Set(requests.filter(({ protocol }) => /http/.test(protocol)).map(({ hostname }) => hostname))).toEqual(
      new Set(['127.0.0.1']),
    );
    expect(errors).toEqual([]);
  });
});
