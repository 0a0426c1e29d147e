import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findChromium, openPage } from './chromium.mjs';
import { serve } from './examplePage.mjs';
import { ROOT } from '../setup/steps.mjs';

const executable = findChromium();
const longest = 300_000;
const why = executable ? '' : ' (skipped: no chromium on PATH; install one, or set CHROMIUM_PATH)';

/** What a page writes that loads a backend by name, takes gradients of models and steps of optimizers. */
const code = `
  import '@tensorflow/tfjs';
  import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
  import '@tensorflow/tfjs-backend-webgpu';
  import * as tf from '@tensorflow/tfjs-core';
  import { loadBackend } from '@flatmin/backend';
  import { lossOfBatch, RandomStream } from '@flatmin/core';
  import { mlp } from '@flatmin/model-mlp';
  import { createOptimizer } from 'flatmin';

  setWasmPaths('./');
  const random = new RandomStream(1);
  // More than seven tensors each: TensorFlow.js sums so many wrongly on WebGPU. Of few shapes, for each takes a shader.
  const models = {
    mlp: [[8], (context) => mlp({ hidden: [8, 8, 8, 8] }, context)],
    'layer norm': [[8], (context) => mlp({ hidden: [8, 8, 8], activation: 'tanh', normalization: 'layer' }, context)],
  };
  const specs = {
    sam: { use: 'sam', rho: 0.1, base: { use: 'sgdw', learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 } },
    asam: { use: 'asam', rho: 0.5, base: { use: 'momentum', learningRate: 0.05, momentum: 0.9 } },
  };

  async function numbersOf(name) {
    const [inputShape, create] = models[name];
    const model = create({ inputShape, classes: 4, random });
    const variables = model.variables.filter(({ trainable }) => trainable);
    const starts = variables.map((variable) => tf.clone(variable));
    const x = new RandomStream(2).normal([8, ...inputShape]);
    const y = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 0, 1, 2, 3], 'int32'), 4);
    const perExample = (x, y) => tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(model.apply(x, { training: true }))), 1));
    const loss = lossOfBatch(perExample, x, y);
    const { value, grads } = tf.variableGrads(() => loss(), variables);
    const all = (tensors) => Promise.all(tensors.map((tensor) => tensor.data())).then((each) => each.map((values) => [...values]));
    const gradient = await all(variables.map(({ name }) => grads[name]));
    const steps = {};
    for (const [id, spec] of Object.entries(specs)) {
      variables.forEach((variable, i) => variable.assign(starts[i]));
      const optimizer = createOptimizer(spec);
      for (let step = 0; step < 2; step++) tf.dispose(optimizer.minimize(loss, true, variables));
      steps[id] = await all(variables.map((variable, i) => tf.tidy(() => tf.sub(variable, starts[i]))));
      optimizer.dispose();
    }
    const result = { loss: (await value.data())[0], gradient, steps, names: variables.map(({ name }) => name) };
    model.dispose();
    tf.dispose([value, grads, x, y, starts]);
    return result;
  }
  globalThis.page = { loadBackend, numbersOf, tf, models: Object.keys(models) };`;

/** The largest distance between two lists of tensors, over the largest number in them. */
function distance(a, b) {
  const [these, others] = [a.flat(), b.flat()];
  expect(these.length).toBe(others.length);
  const largest = Math.max(...others.map(Math.abs));
  expect(largest).toBeGreaterThan(1e-4);
  return Math.max(...these.map((value, i) => Math.abs(value - others[i]))) / largest;
}

(executable ? describe : describe.skip)(`loadBackend in a page, in Chromium${why}`, () => {
  let browser, folder, page, server;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'flatmin-backends-'));
    const outfile = path.join(folder, 'page.js');
    const stdin = { contents: code, resolveDir: ROOT };
    await build({ stdin, outfile, bundle: true, platform: 'browser', format: 'esm', absWorkingDir: ROOT });
    const wasm = path.join(ROOT, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
    for (const name of readdirSync(wasm).filter((each) => each.endsWith('.wasm'))) {
      copyFileSync(path.join(wasm, name), path.join(folder, name));
    }
    writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>backends</title><script type="module" src="page.js"></script>'); // prettier-ignore
    server = await serve(folder);
    // The processor is the adapter, through SwiftShader.
    browser = await openPage(executable, { args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] });
    page = browser.page;
    page.setDefaultTimeout(longest - 10_000);
    await page.goto(server.url);
    await page.waitForFunction(() => globalThis.page !== undefined);
  }, longest);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const load = (name) => page.evaluate((each) => globalThis.page.loadBackend(each).then((loaded) => loaded.name), name);
  const numbersOf = (model) => page.evaluate((each) => globalThis.page.numbersOf(each), model);
  const refusal = (name) => page.evaluate((each) => globalThis.page.loadBackend(each).catch((error) => [error.code, error.message]), name); // prettier-ignore

  it(
    'webgpu: gradients and steps of models agree with wasm',
    async () => {
      const models = await page.evaluate(() => globalThis.page.models);
      expect(models).toEqual(['mlp', 'layer norm']);
      const at = {};
      for (const backend of ['wasm', 'webgpu']) {
        expect(await load(backend)).toBe(backend);
        expect(await page.evaluate(() => globalThis.page.tf.getBackend())).toBe(backend);
        at[backend] = {};
        for (const model of models) at[backend][model] = await numbersOf(model);
      }
      for (const model of models) {
        const [wasm, webgpu] = [at.wasm[model], at.webgpu[model]];
        expect(webgpu.loss).toBeCloseTo(wasm.loss, 5);
        wasm.gradient.forEach((values, i) => {
          // Of each tensor, so that a small one cannot be wrong unseen; one of rounding alone is left to the whole.
          const largest = Math.max(...values.map(Math.abs));
          if (largest > 1e-4) expect([wasm.names[i], distance([webgpu.gradient[i]], [values]) < 1e-3]).toEqual([wasm.names[i], true]); // prettier-ignore
        });
        expect(distance(webgpu.gradient, wasm.gradient)).toBeLessThan(1e-4);
        for (const id of Object.keys(wasm.steps)) {
          expect(distance(webgpu.steps[id], wasm.steps[id])).toBeLessThan(1e-3);
        }
      }
    },
    longest,
  );

  it('auto: takes the first of webgpu, webgl, wasm and cpu that is there', async () => {
    expect(await load('auto')).toBe('webgpu');
    expect(await load('cpu')).toBe('cpu');
  });

  it('refuses names of no backend, and says which there are', async () => {
    expect(await refusal('tensorflow')).toEqual([
      'BACKEND_UNKNOWN',
      "loadBackend('tensorflow') does not name a backend of a page: it is not one of auto, webgpu, webgl, wasm, cpu. Use one of those.",
    ]);
  });

  it('says what to import for a backend that the page has not', async () => {
    const [code, message] = await page.evaluate(async () => {
      globalThis.page.tf.removeBackend('webgl');
      return globalThis.page.loadBackend('webgl').catch((error) => [error.code, error.message]);
    });
    expect([code, message]).toEqual([
      'BACKEND_UNAVAILABLE',
      "The backend 'webgl' is not in this page. Import @tensorflow/tfjs-backend-webgl before loadBackend('webgl').",
    ]);
  });

  it('says why WebGPU is not there, and auto goes on without it', async () => {
    const { loaded, message } = await page.evaluate(async () => {
      await globalThis.page.loadBackend('cpu');
      Object.defineProperty(globalThis.navigator, 'gpu', { value: { requestAdapter: () => Promise.resolve(null) } });
      const [, message] = await globalThis.page.loadBackend('webgpu').catch((error) => [error.code, error.message]);
      return {
        message,
        loaded: await globalThis.page.loadBackend('auto').then(({ name, notes }) => ({ name, notes })),
      };
    });
    expect(message).toBe(
      "The backend 'webgpu' does not load: WebGPU finds no adapter. Install a Vulkan, Metal or Direct3D 12 driver of the GPU, or use another backend.",
    );
    expect(loaded).toEqual({ name: 'wasm', notes: [message] });
  });
});
