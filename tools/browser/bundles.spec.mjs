import { beforeAll, describe, expect, it } from '@jest/globals';
import { bundles, emptyPage, entries, forNode, sizeOf } from './bundles.mjs';

const forPages = entries.filter((name) => !(name in forNode));

describe('in a page', () => {
  let built, page;
  beforeAll(async () => {
    [built, page] = [await bundles(forPages, { format: 'cjs' }), await emptyPage()];
  });

  it.each(forPages)('%s needs nothing of Node', (name) => {
    const { code, globals, imports } = built.found[name];
    expect(globals).toEqual([]);
    expect(imports.filter((each) => !/^@tensorflow\/tfjs-(core|layers)$/.test(each))).toEqual([]);
    // zod imported by `{ z }` is the whole of it, 380 kB more; by `* as z` it is what is used.
    // The library with every official plugin; the digits alone are 130 kB.
    expect(code.length).toBeLessThan(name === 'flatmin' ? 640_000 : 370_000);
    expect(Object.keys(page.load(code)).length).toBeGreaterThan(0);
  });

  it('they are bundled without a warning', () => {
    expect(built.warnings).toEqual([]);
  });

  it('a saved model is asked of a URL, and refused by name as a file', async () => {
    const { layersModel } = page.load(built.found['@flatmin/model-layers'].code);
    await expect(layersModel({ path: 'trunk/model.json' }, {})).rejects.toMatchObject({
      code: 'DATA_FILE_MISSING',
      message: expect.stringContaining('a page cannot read the file trunk/model.json. Give the whole URL'),
    });
  });

  it('there is no Node in the page that these were loaded in', () => {
    const named = ['process', 'Buffer', 'global', '__dirname', '__filename', 'setImmediate'].map((n) => `typeof ${n}`);
    expect(page.load(`exports.types = [${named}]`).types).toEqual(named.map(() => 'undefined'));
  });
});

describe('what is for Node alone', () => {
  it.each(Object.keys(forNode).filter((name) => entries.includes(name)))('%s is rightly named so', async (name) => {
    await expect(bundles([name])).rejects.toThrow(/Could not resolve/);
  });
});

it('core, SAM and LETS stay small', async () => {
  // 335 kB minified when this was written: a third of it checks what core is given.
  const { gzip, minified } = await sizeOf(['@flatmin/core', '@flatmin/sam', '@flatmin/lets']);
  expect(minified).toBeLessThan(345);
  expect(gzip).toBeLessThan(104);
});
