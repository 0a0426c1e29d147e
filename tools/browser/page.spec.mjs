import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { findChromium } from './chromium.mjs';
import { openExample } from './openExample.mjs';
import { ROOT } from '../setup/steps.mjs';

const executable = findChromium();
// Each test takes seconds on an idle machine; others may keep all its cores busy.
const longest = 120_000;
const why = executable ? '' : ' (skipped: no chromium on PATH; install one, or set CHROMIUM_PATH)';

(executable ? describe : describe.skip)(`the page of docs/examples/browser, in Chromium${why}`, () => {
  let example, page;

  beforeAll(async () => {
    example = await openExample(executable, { viewport: { width: 1000, height: 800 } });
    page = example.page;
    page.setDefaultTimeout(longest - 10_000);
  }, longest);

  afterAll(async () => {
    await example?.close();
  });

  const points = () => page.evaluate(() => globalThis.flatminExample.points());
  const state = (name) => page.waitForFunction((wanted) => globalThis.document.body.dataset.state === wanted, name);
  /** A shown figure, as text. */
  const shown = (run, name) =>
    page
      .locator(`#figures-${run} div`, { hasText: new RegExp(`^${name}`) })
      .locator('dd')
      .textContent();
  /** Waits until both runs have done so many steps, and gives how many both have done. */
  const steps = async (least) => {
    const reached = await page.waitForFunction((wanted) => {
      const done = ['a', 'b'].map(
        (run) => Number(globalThis.document.querySelector(`#figures-${run} div:nth-child(2) dd`)?.textContent) || 0,
      );
      return Math.min(...done) >= wanted ? Math.min(...done) : false;
    }, least);
    return reached.jsonValue();
  };
  /** Puts a slider at its start, then so many values on. */
  const slide = async (id, values) => {
    await page.locator(`#${id}`).press('Home');
    for (let i = 0; i < values; i++) await page.locator(`#${id}`).press('ArrowRight');
  };

  it(
    'trains on wasm: the radius of LETS moves, that of SAM stays, and no tensor is left behind',
    async () => {
      expect(await page.locator('#backend').inputValue()).toBe('wasm');
      await page.selectOption('#method-a', 'sam');
      await page.selectOption('#method-b', 'lets-sam');
      await state('ready');
      await page.click('#start');
      await steps(1);
      const early = { loss: await shown('b', 'Batch loss'), radius: await shown('b', 'Radius') };
      await steps(97);
      const [a, b] = await points();
      for (const run of [a, b]) {
        expect(run.map(({ step }) => step).slice(0, 5)).toEqual([19, 38, 57, 76, 95]);
        expect(run[4].loss).toBeLessThan(run[0].loss);
        expect(run[4].accuracy).not.toBe(run[0].accuracy);
        for (const { accuracy } of run) expect(accuracy > 0.1 && accuracy < 1).toBe(true);
      }
      expect(new Set(a.map(({ radius }) => radius))).toEqual(new Set([Math.fround(0.05)]));
      expect(new Set(b.map(({ radius }) => radius)).size).toBe(b.length);
      // Where the second run is judged, both are at the same step. After an epoch there is a copy to fall back to.
      const tensors = b.map((point) => point.tensors);
      expect([tensors[1], tensors[4]]).toEqual([tensors[0], tensors[3]]);

      expect(await shown('a', 'Radius')).toBe('0.05');
      for (const [run, name] of [
        ['a', 'Batch loss'],
        ['b', 'Batch loss'],
        ['b', 'Radius'],
        ['b', 'Test accuracy'],
        ['b', 'ms per step'],
      ]) {
        expect(Number(await shown(run, name))).toBeGreaterThan(0);
      }
      expect(await shown('b', 'Batch loss')).not.toBe(early.loss);
      expect(await shown('b', 'Radius')).not.toBe(early.radius);
    },
    longest,
  );

  it(
    'pauses, and goes on',
    async () => {
      await page.click('#pause');
      await state('paused');
      // A step that has begun ends.
      await page.waitForTimeout(300);
      const before = await steps(0);
      await page.waitForTimeout(300);
      expect(await steps(0)).toBe(before);
      await page.screenshot({ path: path.join(example.folder, 'paused.png'), fullPage: true });
      expect(statSync(path.join(example.folder, 'paused.png')).size).toBeGreaterThan(20_000);
      await page.click('#start');
      expect(await steps(before + 3)).toBeGreaterThan(before);
    },
    longest,
  );

  it(
    'takes another radius in the midst of a run',
    async () => {
      await slide('radius-a', 8);
      await slide('radius-b', 11);
      await steps((await steps(0)) + 3);
      expect(await shown('a', 'Radius')).toBe('0.2');
      // It moves on from there, by 2 % a step at most.
      expect(Number(await shown('b', 'Radius'))).toBeGreaterThan(0.5);
    },
    longest,
  );

  it(
    'starts over with another method, from its own radius',
    async () => {
      await page.selectOption('#method-a', 'asam');
      await page.selectOption('#method-b', 'sgd');
      await state('ready');
      expect(await shown('a', 'Step')).toBe('–');
      expect(await points()).toEqual([[], []]);
      expect(await page.locator('#radius-a-value').textContent()).toBe('0.5');
      expect(await page.locator('#radius-b').isDisabled()).toBe(true);
      await page.click('#start');
      await steps(2);
      expect([await shown('a', 'Radius'), await shown('b', 'Radius')]).toEqual(['0.5', 'none']);
      await page.click('#reset');
      await state('ready');
      expect(await shown('a', 'Step')).toBe('–');
    },
    longest,
  );

  it(
    'says what is wrong with settings that cannot train, and trains with others',
    async () => {
      await page.selectOption('#method-a', 'lets-asam');
      await slide('radius-a', 0);
      await page.click('#start');
      await page.waitForSelector('#message.error');
      expect(await page.locator('#message').textContent()).toMatch(/LETS-ASAM.*rho.*got 0.*Start inside the range/s);
      await slide('radius-a', 9);
      await page.click('#start');
      await steps(1);
      await page.click('#reset');
      await state('ready');
    },
    longest,
  );

  it(
    'trains as Node does on cpu: the same losses, radii and accuracies',
    async () => {
      const script = path.join(ROOT, 'tools/browser/losses.mjs');
      const inNode = promisify(execFile)(process.execPath, [script, 'sam', '0.1', 'lets-asam', '0.5'], {
        timeout: longest - 10_000,
      });
      await page.selectOption('#method-a', 'sam');
      await page.selectOption('#method-b', 'lets-asam');
      await slide('radius-a', 7);
      await slide('radius-b', 9);
      await page.selectOption('#backend', 'cpu');
      await state('ready');
      await page.click('#start');
      await steps(20);
      const digits = (run) => ({
        loss: run.loss.toFixed(4),
        radius: run.radius.toFixed(4),
        accuracy: run.accuracy.toFixed(3),
      });
      const here = (await points()).map(([first]) => digits(first));
      await page.click('#pause'); // Leaves Node the processor.
      expect(here).toEqual(JSON.parse((await inNode).stdout).map(digits));
    },
    longest,
  );

  it(
    'draws the loss around the weights of both runs, as Node measures it there',
    async () => {
      await page.click('#start');
      await page.waitForFunction(() => !globalThis.flatminExample.slices().includes(undefined));
      // All at one moment: the runs go on.
      const { legend, slices, words } = await page.evaluate(() => ({
        slices: globalThis.flatminExample.slices().map((slice) => ({ ...slice, weights: [...slice.weights] })),
        legend: globalThis.document.querySelector('#chart-slice .u-legend')?.textContent,
        words: globalThis.document.querySelector('#slice-words')?.textContent,
      }));
      await page.click('#reset');
      const file = path.join(example.folder, 'weights.json');
      writeFileSync(file, JSON.stringify({ noise: 0.2, slices: slices.map(({ weights }) => weights) }));
      const script = path.join(ROOT, 'tools/browser/slice.mjs');
      const { stdout } = await promisify(execFile)(process.execPath, [script, file], { timeout: longest - 10_000 });
      const expected = JSON.parse(stdout);
      slices.forEach(({ length, losses, reach, step }, run) => {
        expect(step % 42).toBe(2);
        expect(reach).toBe([Math.fround(0.1), null][run]); // The radius of ASAM is not a distance.
        expect(length).toBeCloseTo(expected[run].length, 4);
        expect(losses.length).toBe(21);
        losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected[run].losses[i], 5));
      });
      expect(expected[0].losses).not.toEqual(expected[1].losses);

      // What is shown is that: the curves in the legend, and in words.
      expected.forEach(({ losses }, run) => {
        expect(legend).toContain(`${losses[10].toFixed(4)} at the center`);
        const rise = (losses[5] + losses[15]) / 2 - losses[10];
        expect(words).toContain(`around ${'AB'[run]} (step ${slices[run].step}) it is ${rise.toFixed(3)} higher`);
      });
    },
    longest,
  );

  it(
    'trains on webgl',
    async () => {
      await page.selectOption('#method-a', 'sgd');
      await page.selectOption('#backend', 'webgl');
      await state('ready');
      await page.click('#start');
      await steps(3);
      expect(await page.locator('#message').textContent()).toBe('Training with the backend webgl.');
      expect(await shown('a', 'Radius')).toBe('none');
      expect(Number(await shown('b', 'Radius'))).toBeGreaterThan(0.1);
      expect(Number(await shown('b', 'Batch loss'))).toBeGreaterThan(1);
      await page.click('#reset');
      await state('ready');
    },
    longest,
  );

  it(
    'says that there is no adapter for webgpu, as in this browser, and goes on with another backend',
    async () => {
      await page.selectOption('#backend', 'webgpu');
      await state('ready');
      await page.click('#start');
      await page.waitForSelector('#message.error');
      expect(await page.locator('#message').textContent()).toMatch(/'webgpu' does not load: WebGPU finds no adapter/);
      await page.selectOption('#backend', 'cpu');
      await state('ready');
    },
    longest,
  );

  it('asked nobody but its own server, and had no errors', () => {
    const { errors, requests } = example;
    expect(new Set(requests.filter(({ protocol }) => protocol !== 'data:').map(({ hostname }) => hostname))).toEqual(
      new Set(['127.0.0.1']),
    );
    expect(requests.filter(({ pathname }) => pathname.endsWith('.wasm')).length).toBe(1);
    expect(errors).toEqual([]);
  });
});
