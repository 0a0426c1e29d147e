// The published packages as a page gets them: bundled by esbuild for the browser.
import { build } from 'esbuild';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';
import { root } from './root.mjs';

const readsFiles = 'reads files of a folder';

/** What is not for a page, and why. All other entries of all published packages are. */
export const forNode = {
  '@flatmin/backend': 'finds the backends that are installed; a page imports the one it wants',
  '@flatmin/data/fuzz': 'measures the memory of the process',
  '@flatmin/data/node': readsFiles,
  '@flatmin/dataset-brown': readsFiles,
  '@flatmin/dataset-cifar': readsFiles,
  '@flatmin/dataset-cmudict': readsFiles,
  '@flatmin/dataset-glue': readsFiles,
  '@flatmin/dataset-idx': readsFiles,
  '@flatmin/dataset-image-folder': readsFiles,
  '@flatmin/dataset-parallel-text': readsFiles,
  '@flatmin/dataset-text-table': readsFiles,
  '@flatmin/training/node': 'writes to files and to the terminal',
  'create-flatmin-plugin': 'a command that writes files',
  flatmin: 'has every official plugin, those for files too, and the command; a page takes the packages it needs',
};

/** Everything that can be imported from a published package, by the name under which it is. */
export const entries = ['packages', 'packages/variants', 'packages/datasets', 'packages/models']
  .flatMap((parent) =>
    readdirSync(path.join(root, parent)).map((name) => path.join(root, parent, name, 'package.json')),
  )
  .filter((file) => existsSync(file))
  .flatMap((file) => {
    const { name, exports = {} } = JSON.parse(readFileSync(file, 'utf8'));
    const places = typeof exports === 'string' ? ['.'] : Object.keys(exports);
    return places.filter((place) => !/\.json$/.test(place)).map((place) => path.posix.join(name, place));
  });

/**
 * What a page gets that imports everything from these entries.
 *
 * @returns the code, minified, without what is `external` (TensorFlow.js, if nothing is said); what it imports; and the warnings.
 */
export async function bundle(names, { external = ['@tensorflow/*'], format = 'esm' } = {}) {
  const { metafile, outputFiles, warnings } = await build({
    stdin: { contents: names.map((name) => `export * from '${name}';`).join('\n'), resolveDir: root },
    bundle: true,
    platform: 'browser',
    format,
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
    external,
  });
  const [output] = Object.values(metafile.outputs);
  return {
    code: outputFiles[0].text,
    imports: [...new Set(output.imports.map((each) => each.path))].sort(),
    warnings: warnings.map(({ text }) => text),
  };
}

// What pages and workers have, and Node too; not: process, Buffer, global, require, __dirname.
const webGlobals = ['console', 'performance', 'TextEncoder', 'TextDecoder', 'URL', 'setTimeout', 'crypto', 'fetch'];

/** Something like a page, in which code of `bundle(..., { format: 'cjs' })` runs. */
export async function emptyPage() {
  const context = vm.createContext(Object.fromEntries(webGlobals.map((name) => [name, globalThis[name]])));
  vm.runInContext('globalThis.self = globalThis;', context);
  const outside = {};
  const load = (code) => {
    const module = { exports: {} };
    const run = vm.runInContext(`(function (module, exports, require) {${code}\n})`, context);
    run(module, module.exports, (name) => outside[name]);
    return module.exports;
  };
  for (const name of ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']) {
    const { code } = await bundle([name], { format: 'cjs', external: Object.keys(outside) });
    outside[name] = load(code);
  }
  return { load };
}

/** In kB, minified and compressed. */
export async function sizeOf(names, options) {
  const { code } = await bundle(names, options);
  return { minified: Buffer.byteLength(code) / 1000, gzip: gzipSync(code).length / 1000 };
}
