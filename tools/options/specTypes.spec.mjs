import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import ts from 'typescript';
import { ROOT as root } from '../setup/steps.mjs';

// The declarations as they are published: what an editor knows who has `flatmin` installed.
const file = path.join(root, 'tools/options/spec.ts');
const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
};

let text = '';
let version = 0;
const host = {
  getScriptFileNames: () => [file],
  getScriptVersion: (name) => (name === file ? String(version) : '1'),
  getScriptSnapshot: (name) => {
    const content = name === file ? text : ts.sys.readFile(name);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => root,
  getCompilationSettings: () => options,
  getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
  fileExists: (name) => name === file || ts.sys.fileExists(name),
  readFile: (name) => (name === file ? text : ts.sys.readFile(name)),
  readDirectory: ts.sys.readDirectory,
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
};
const service = ts.createLanguageService(host);

const imports = `import { createOptimizer, createContainer, compile, sam, lets } from 'flatmin';
declare const container: ReturnType<typeof createContainer>;
declare const base: { use: 'sgd', learningRate: 0.1 };
`;

/** What TypeScript says of a line of code, where `|` may mark a place; the place is taken out. */
function write(line) {
  version++;
  text = imports + line.replace('|', '');
  return imports.length + line.indexOf('|');
}

function errorsOf(line) {
  write(line);
  return service
    .getSemanticDiagnostics(file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

function completionsAt(line) {
  const found = service.getCompletionsAtPosition(file, write(line), {});
  return found?.entries.map(({ name }) => name) ?? [];
}

function hoverAt(line) {
  const found = service.getQuickInfoAtPosition(file, write(line));
  return ts.displayPartsToString(found?.documentation);
}

beforeAll(() => void errorsOf('base;'), 240_000);

describe('TypeScript takes', () => {
  it.each([
    [`createOptimizer({ use: 'sam', rho: 0.05, base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } });`],
    [
      `createOptimizer({ use: 'lets', preset: 'robust', inner: { use: 'asam', rho: 0.5, base }, upper: { learningRate: 0.1 } });`,
    ],
    [`createOptimizer({ use: 'ae-sam', rho: 0.1, inner: { use: 'gsam' }, base }, { totalSteps: 100 });`],
    [
      `createOptimizer({ use: 'sam', rho: { schedule: 'linear', from: 0, to: 0.1 }, every: 2, microBatches: 4, base });`,
    ],
    [`createOptimizer({ use: 'sgdw', learningRate: 0.1, weightDecay: 1e-4, clipNorm: 1 });`],
    [`createOptimizer({ use: 'mine' as string, anything: 1 });`],
    [`createOptimizer({ use: 'sam', base: { use: 'mine' as string, anything: 1 } });`],
    [`createOptimizer({ use: 'lets', inner: { use: 'mine' as string, anything: 1 } });`],
    [`createOptimizer(JSON.parse('{}') as { use: string });`],
    [`compile(null!, { optimizer: { use: 'sam', rho: 0.1, base }, loss: 'meanSquaredError' });`],
    [`compile(null!, { optimizer: sam({ base }), loss: 'meanSquaredError' });`],
    [`lets(sam({ rho: 0.1, base: { use: 'adamw' } }), { preset: 'paper' });`],
    [`container.createDataSet({ use: 'mnist1d' });`],
    [`container.createModel({ use: 'mlp', hidden: [100], activation: 'relu' }, null!);`],
    [
      `declare module '@flatmin/core' { interface PluginOptions { readonly 'my-sam': { readonly rho?: number } } }
createOptimizer({ use: 'my-sam', rho: 0.1, every: 2, base });`,
    ],
  ])('%s', (line) => {
    expect(errorsOf(line)).toEqual([]);
  });
});

describe('TypeScript refuses', () => {
  it.each([
    ['a plugin of another name', `createOptimizer({ use: 'samm', roh: 'x' });`, /"samm".*Did you mean '"sam"'/],
    ['an option of another name', `createOptimizer({ use: 'sam', roh: 0.05, base });`, /'roh' does not exist/],
    ['a value of another type', `createOptimizer({ use: 'sam', rho: '0.05', base });`, /'string' is not assignable/],
    ['a name inside of a meta', `createOptimizer({ use: 'lets', inner: { use: 'asan' } });`, /"asan".*"asam"/],
    [
      'an option inside of a meta',
      `createOptimizer({ use: 'lets', inner: { use: 'sam', eta: 1 } });`,
      /'eta' does not exist/,
    ],
    ['a base inside of a meta', `createOptimizer({ use: 'lets', inner: { use: 'sgd', learningRate: 1 } });`, /"sgd"/],
    [
      'an option of a base',
      `createOptimizer({ use: 'sam', base: { use: 'sgd', learnngRate: 1 } });`,
      /learnngRate|learningRate/,
    ],
    ['a base without what it needs', `createOptimizer({ use: 'sam', base: { use: 'momentum' } });`, /learningRate/],
    ['a variant as a base', `createOptimizer({ use: 'sam', base: { use: 'asam' } });`, /"asam"/],
    [
      'a schedule of another name',
      `createOptimizer({ use: 'sam', rho: { schedule: 'linaer', from: 0, to: 1 }, base });`,
      /"linaer"/,
    ],
    [
      'a schedule that lacks an end',
      `createOptimizer({ use: 'sam', rho: { schedule: 'linear', from: 0 }, base });`,
      /Property 'to' is missing|not assignable/,
    ],
    [
      'a word that is not one of few',
      `createOptimizer({ use: 'lets', preset: 'robus', inner: { use: 'sam', base } });`,
      /"robus".*"robust"/,
    ],
    [
      'a setting that stands once',
      `createOptimizer({ use: 'sam', clipNorm: '1', base });`,
      /'string' is not assignable/,
    ],
    ['a context of another name', `createOptimizer({ use: 'sam', base }, { totalStep: 3 });`, /totalStep/],
    ['an option in code', `sam({ rho: 0.1, base: { use: 'sgd', lr: 1 } });`, /'lr' does not exist|not assignable/],
    ['a spec in compile', `compile(null!, { optimizer: { use: 'sma', base }, loss: 'meanSquaredError' });`, /"sma"/],
    ['a data set for a model', `container.createModel({ use: 'mnist1d' }, null!);`, /"mnist1d"/],
    ['a data set of another name', `container.createDataSet({ use: 'mnist-1d' });`, /"mnist-1d"/],
  ])('%s: %s', (_, line, message) => {
    expect(errorsOf(line).join('\n')).toMatch(message);
  });
});

describe('the editor', () => {
  it('completes the names of plugins, each kind in its place', () => {
    const names = completionsAt(`createOptimizer({ use: '|' });`);
    expect(names).toEqual(expect.arrayContaining(['sam', 'asam', 'lets', 'ae-looksam', 'momentum', 'sgdw']));
    expect(names).not.toContain('mnist1d');
    expect(completionsAt(`createOptimizer({ use: 'sam', base: { use: '|' } });`)).not.toContain('sam');
  });

  it('completes options, at each level', () => {
    expect(completionsAt(`createOptimizer({ use: 'ssam', | });`)).toEqual(
      expect.arrayContaining(['rho', 'mask', 'sparsity', 'dropRate', 'base', 'every', 'clipNorm']),
    );
    expect(completionsAt(`createOptimizer({ use: 'lets', inner: { use: 'asam', | } });`)).toContain('eta');
    expect(completionsAt(`createOptimizer({ use: 'sam', base: { use: 'adamw', | } });`)).toContain('weightDecay');
  });

  it('shows what an option is, its default and whose that is', () => {
    expect(hoverAt(`createOptimizer({ use: 'sam', r|ho: 0.1, base });`)).toMatch(
      /length of each ascent step.*0\.05: the paper.*Default: 0\.05\./,
    );
    expect(hoverAt(`sam({ r|ho: 0.1, base });`)).toMatch(/Default: 0\.05\./);
    expect(hoverAt(`createOptimizer({ use: 'lets', inner: { use: 'sam', ascentS|teps: 2, base } });`)).toMatch(
      /Ascent steps/,
    );
    expect(hoverAt(`createOptimizer({ use: 'sam', clip|Norm: 2, base });`)).toMatch(/Scales the final gradient/);
  });
});

describe('the types of options', () => {
  it('are what the schemas say', () => {
    const script = path.join(root, 'tools/options/writeSpecOptions.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8', timeout: 240_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }, 250_000);

  it('take what the schemas take, and nothing else', () => {
    // Each is assignable to the other: what zod infers of the schema, and what is written of it.
    const plugins = [
      ['@flatmin/sam', 'samPlugin', 'SamSpecOptions'],
      ['@flatmin/lets', 'letsPlugin', 'LetsSpecOptions'],
      ['@flatmin/ssam', 'ssamPlugin', 'SsamSpecOptions'],
      ['@flatmin/rst', 'rstPlugin', 'RstSpecOptions'],
      ['@flatmin/base-optimizers', 'sgdwPlugin', 'SgdwSpecOptions'],
      ['@flatmin/dataset-text-table', 'textTablePlugin', 'TextTableSpecOptions'],
      ['@flatmin/dataset-image-folder', 'imageFolderPlugin', 'ImageFolderSpecOptions'],
      ['@flatmin/model-transformer', 'transformerPlugin', 'TransformerSpecOptions'],
      ['@flatmin/model-vit', 'vitPlugin', 'VitSpecOptions'],
    ];
    const lines = plugins.map(
      ([from, plugin, type], i) =>
        `import { ${plugin}, type ${type} } from '${from}';
const a${i}: Input<typeof ${plugin}.options> = null! as ${type};
const b${i}: ${type} = null! as Input<typeof ${plugin}.options>;
void [a${i}, b${i}];`,
    );
    const helpers = `import type * as z from 'zod';
type Input<S extends z.ZodType> = DeepReadonly<z.input<S>>;
type DeepReadonly<T> = T extends readonly (infer E)[] ? readonly DeepReadonly<E>[] : T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
`;
    expect(errorsOf(helpers + lines.join('\n'))).toEqual([]);
  });
});
