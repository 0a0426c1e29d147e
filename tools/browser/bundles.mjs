// The published packages as a page gets them: bundled for the browser, by esbuild and by Vite.
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';
import { publishedPackages } from '../packages.mjs';
import { ROOT } from '../setup/steps.mjs';

const readsFiles = 'reads files of a folder';

/** What is not for a page, and why. All other entries of all published packages are. */
export const forNode = {
  '@flatmin/cli': 'the command',
  '@flatmin/experiments': 'what is behind the command: processes, run folders',
  '@flatmin/experiments/internal': 'the same, for the command',
  '@flatmin/experiments/terminal': 'what a command prints, and its signals',
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
  'flatmin/node': 'has the data sets that read files',
};

/** Everything that can be imported from a published package, by the name under which it is. */
export const entries = publishedPackages().flatMap(({ manifest: { name, exports = {} } }) => {
  const places = typeof exports === 'string' ? ['.'] : Object.keys(exports);
  return places.filter((place) => !/\.json$/.test(place)).map((place) => path.posix.join(name, place));
});

/**
 * What a page has not. The bundler renames a global, and nothing that merely has its name, so that a use can be found.
 */
const globalsOfNode = ['process', 'Buffer', '__dirname', '__filename', 'setImmediate'];
const renamed = Object.fromEntries(globalsOfNode.map((name) => [name, `nodesOwn_${name}`]));

/**
 * What a page gets that imports everything from an entry: one bundle for each of `names`. All are built together, which
 * reads what they have in common once.
 *
 * @param {readonly string[]} names
 * @param {{ external?: string[], format?: import('esbuild').Format }} [options]
 * @returns for each its code, minified, without what is `external` (TensorFlow.js, if nothing is said); what it
 *   imports; which globals of Node its functions use. And the warnings.
 */
export async function bundles(names, { external = ['@tensorflow/*'], format = 'esm' } = {}) {
  const { metafile, outputFiles, warnings } = await build({
    entryPoints: names.map((name) => ({ in: name, out: fileOf(name) })),
    absWorkingDir: ROOT,
    outdir: 'out',
    bundle: true,
    platform: 'browser',
    format,
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
    external,
    define: renamed,
  });
  const read = (name) => {
    const place = `out/${fileOf(name)}.js`;
    const code = outputFiles.find((file) => file.path === path.join(ROOT, place))?.text ?? '';
    return {
      code,
      imports: [...new Set(metafile.outputs[place].imports.map((each) => each.path))].sort(),
      globals: nodeGlobalsOf(code),
    };
  };
  const found = Object.fromEntries(names.map((name) => [name, read(name)]));
  return { found, warnings: warnings.map(({ text }) => text) };
}

const fileOf = (name) => name.replaceAll(/[^\w]+/g, '-');

// What pages and workers have, and Node too; not: process, Buffer, global, require, __dirname.
const webGlobals = ['console', 'performance', 'TextEncoder', 'TextDecoder', 'URL', 'setTimeout', 'crypto', 'fetch'];

/** Something like a page, in which code of `bundles(..., { format: 'cjs' })` runs. */
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
    const { found } = await bundles([name], { format: 'cjs', external: Object.keys(outside) });
    outside[name] = load(found[name].code);
  }
  return { load };
}

/** What bundlers are asked for a page of this text: its code, minified, as CommonJS; TensorFlow.js stays outside. */
export const bundlers = {
  async esbuild(contents) {
    const stdin = { contents, resolveDir: ROOT };
    const { outputFiles } = await build({
      ...{ stdin, bundle: true, platform: 'browser', format: 'cjs', minify: true, write: false, logLevel: 'silent' },
      external: ['@tensorflow/*'],
      define: renamed,
    });
    return outputFiles[0].text;
  },
  async vite(contents) {
    const { stdout } = await promisify(execFile)(process.execPath, [viteProgram, contents, JSON.stringify(renamed)], {
      cwd: ROOT,
      maxBuffer: 2 ** 26,
    });
    return stdout;
  },
};

const viteProgram = path.join(ROOT, 'tools/browser/viteBundle.mjs');

/** The globals of Node that bundled code uses. */
export const nodeGlobalsOf = (code) => globalsOfNode.filter((global) => code.includes(renamed[global]));

/** In kB, minified and compressed. */
export const weightOf = (code) => ({ minified: code.length / 1000, gzip: gzipSync(code).length / 1000 });

/** What a page weighs that imports everything from all of these, in kB, minified and compressed. */
export async function sizeOf(names, { external = ['@tensorflow/*'] } = {}) {
  const contents = names.map((name) => `export * from '${name}';`).join('\n');
  const stdin = { contents, resolveDir: ROOT };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', minify: true, write: false, external });
  return weightOf(outputFiles[0].contents);
}
