import { beforeAll, describe, expect, it } from '@jest/globals';
import { bundlers, emptyPage, nodeGlobalsOf, weightOf } from './bundles.mjs';

/** What a page has that makes optimizers from specs, and compiles a model with one. */
const page = `
  import { compile, createOptimizer, lets, sam, sgdw } from 'flatmin';
  import * as tf from '@tensorflow/tfjs-core';
  export { compile, createOptimizer, lets, sam, sgdw, tf };`;

/** kB of it, minified and compressed, beside TensorFlow.js: 437 and 132 with 31 algorithms and 14 bases. */
const limits = { minified: 450, gzip: 140 };

/** Pages that load saved models, and what of flatmin they import for it. */
const loading = {
  'the library': `import 'flatmin';`,
  'the package of the layer': `import '@flatmin/model-layers';`,
  'one thing of the library': `import { createOptimizer } from 'flatmin'; export { createOptimizer };`,
  'what compiles models': `import { compile } from '@flatmin/model-layers'; export { compile };`,
  'the layer': `import { dropoutLayer } from '@flatmin/model-layers'; export { dropoutLayer };`,
};

describe.each(Object.entries(bundlers))('flatmin in a page, bundled by %s', (name, bundled) => {
  let code, empty;
  beforeAll(async () => {
    [code, empty] = [await bundled(page), await emptyPage()];
  }, 120_000);

  it('needs nothing of Node, and no part of the command', () => {
    expect(nodeGlobalsOf(code)).toEqual([]);
    const imported = [...code.matchAll(/require\(["'`]([^"'`]+)["'`]\)/g)].map(([, from]) => from);
    expect([...new Set(imported)].sort()).toEqual(['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']);
    expect(code).not.toMatch(/vega|node:fs/);
  });

  it('makes the optimizers of specs there, and the same in code', () => {
    const { createOptimizer, lets, sam, sgdw, tf } = empty.load(code);
    const inner = { use: 'asam', rho: 0.5, base: { use: 'sgdw', learningRate: 0.1 } };
    const validationLoss = () => tf.scalar(1);
    const optimizer = createOptimizer({ use: 'lets', preset: 'robust', inner }, { validationLoss });
    expect([optimizer.radius, optimizer.learningRate]).toEqual([0.5, expect.closeTo(0.1, 6)]);
    const options = { preset: 'robust', validationLoss };
    expect(lets(sam({ rho: 0.25, base: sgdw({ learningRate: 0.1 }) }), options).radius).toBe(0.25);
    expect(() => createOptimizer({ use: 'cifar' })).toThrow(/cifar/);
  });

  it('stays small', () => {
    const { gzip, minified } = weightOf(code);
    process.stdout.write(`flatmin by ${name}: ${minified.toFixed(0)} kB minified, ${gzip.toFixed(0)} kB gzip\n`);
    expect(minified).toBeLessThan(limits.minified);
    expect(gzip).toBeLessThan(limits.gzip);
  });

  it('is refused a page that imports what reads files', async () => {
    await expect(bundled(`import * as all from 'flatmin/node'; export { all };`)).rejects.toThrow(
      /Could not resolve|__vite-browser-external|externalized for browser compatibility/,
    );
  }, 120_000);

  // Vite takes seconds for each.
  it.each(Object.entries(loading).slice(0, name === 'vite' ? 2 : undefined))(
    'case 19: registers the layers that saved models name where a page imports %s',
    async (what, contents) => {
      const registered = `export { serialization } from '@tensorflow/tfjs-core';`;
      const { serialization } = empty.load(await bundled(`${contents}\n${registered}`));
      const classes = serialization.SerializationMap.getMap().classNameMap;
      expect(Object.keys(classes)).toContain('FlatminDropout');
      if (contents.includes("'flatmin'")) expect(Object.keys(classes).join()).toMatch(/SharpnessAware/);
      // Whatever is imported next has to do so itself.
      for (const each of Object.keys(classes)) if (/Flatmin|SharpnessAware/.test(each)) delete classes[each];
    },
    120_000,
  );
});
