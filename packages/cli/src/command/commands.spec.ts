import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PNG } from 'pngjs';
import { start, WarmCommand } from '../terminal/command.fixture.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

let directory = '';
const command = new WarmCommand();
const flatmin = (...args: string[]): Promise<Outcome> => command.run(args, directory);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
});
afterAll(async () => {
  command.end();
  await rm(directory, { recursive: true });
});

const config = {
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [16] },
  optimizer: {
    use: 'lets',
    preset: 'robust',
    inner: { use: 'sam', base: { use: 'momentum', learningRate: 0.05, momentum: 0.9 } },
  },
  epochs: 2,
  batchSize: 64,
  seeds: [1, 2],
  learningRate: { schedule: 'cosine' },
  logEvery: 5,
};

async function configFile(name: string, content: unknown): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** What a page must be to open anywhere: no script, and no address but the names of SVG's namespaces. */
function expectSelfContained(html: string): void {
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/<script|<link|@import/);
  expect(html.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/https?:\/\//);
}

describe('flatmin train', () => {
  it('writes config, metrics, report and a checkpoint a seed, and prints a table', async () => {
    const out = path.join(directory, 'results');
    const { code, out: text, err } = await flatmin('train', await configFile('good.json', config), '--out', out);
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(text).toMatch(/lets\(sam\(momentum\)\) +0\.\d{3} ± 0\.\d{3}/);
    expect((await readdir(out)).sort()).toEqual([
      'checkpoint-seed-1',
      'checkpoint-seed-2',
      'config.json',
      'metrics.jsonl',
      'report.html',
    ]);
    expect(JSON.parse(await readFile(path.join(out, 'config.json'), 'utf8'))).toMatchObject(config);
    const lines = linesOf(await readFile(path.join(out, 'metrics.jsonl'), 'utf8'));
    const counts = (event: string): number =>
      lines.filter((line) => line['event'] === event && line['seed'] === 1).length;
    expect({ epochs: counts('epoch'), ends: counts('end') }).toEqual({ epochs: 2, ends: 1 });
    expect(lines.filter(({ event }) => event === 'step').every(({ radius }) => typeof radius === 'number')).toBe(true);
    // 1,167 examples: 19 steps an epoch.
    expect((await readdir(path.join(out, 'checkpoint-seed-2'))).sort()).toEqual([
      'checkpoint-000019.flatmin',
      'checkpoint-000038.flatmin',
    ]);
    const html = await readFile(path.join(out, 'report.html'), 'utf8');
    expectSelfContained(html);
    // Each for a page and for a phone.
    const drawn = [...html.matchAll(/<svg role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(drawn.filter((label, i) => label !== drawn[i - 1])).toEqual([
      'test accuracy at the end',
      'test accuracy by epoch',
      'test accuracy by gradient evaluations',
      'train loss by epoch',
      'validation loss by epoch',
      'rho by step',
    ]);
    expect(html).toMatch(/<p class="verdict">lets\(sam\(momentum\)\) ends with a test accuracy of 0\.\d{3} \(95 %: /);
    for (const label of ['>epoch<', '>test accuracy<', '>step<', '>rho (logarithmic)<']) expect(html).toContain(label);
  });

  it('ends on Ctrl-C with what it has', async () => {
    const out = path.join(directory, 'interrupted');
    const file = await configFile('long.json', { ...config, seeds: [1, 2], epochs: 10_000 });
    const { child, ended } = start(['train', file, '--out', out], { cwd: directory });
    // Once a whole epoch is checkpointed.
    while (!existsSync(path.join(out, 'checkpoint-seed-1/checkpoint-000019.flatmin'))) {
      await new Promise((resume) => setTimeout(resume, 50));
    }
    child.kill('SIGINT');
    const { code, signal, err } = await ended;
    expect({ code, signal }).toEqual({ code: 130, signal: null });
    expect(err).toContain(`Continue with: flatmin train --resume ${out}`);
    expect((await readdir(out)).sort()).toEqual(['checkpoint-seed-1', 'config.json', 'metrics.jsonl', 'report.html']);
  });

  it('gives the same numbers again', async () => {
    const file = await configFile('again.json', { ...config, seeds: [3], epochs: 1 });
    const accuracies: unknown[] = [];
    for (const name of ['first', 'second']) {
      await flatmin('train', file, '--out', path.join(directory, name));
      const lines = linesOf(await readFile(path.join(directory, name, 'metrics.jsonl'), 'utf8'));
      accuracies.push(lines.filter(({ event }) => event === 'epoch'));
    }
    expect(accuracies[0]).toHaveLength(1);
    expect(accuracies[1]).toEqual(accuracies[0]);
  });

  it('refuses a wrong config with every problem, before it makes a directory', async () => {
    const wrong = { ...config, epochs: 0, model: { use: 'mlp', hiden: [3] }, extra: 1 };
    const { code, out, err } = await flatmin('train', await configFile('wrong.json', wrong), '--out', 'never');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/wrong\.json has 3 problems/);
    for (const name of ['epochs', 'hiden', 'extra']) expect(err).toContain(name);
    expect(await readdir(directory)).not.toContain('never');
  });

  it('ends well where whoever reads its output has enough, as head has', async () => {
    const { child, ended } = start(['schema'], { cwd: directory });
    child.stdout.destroy();
    const { code, err } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('takes the comments, the last comma and the schema of a config that an editor knows', async () => {
    const text = JSON.stringify({ $schema: './flatmin.schema.json', ...config }, null, 2).replace(
      /\n\}$/,
      ', // all of it\n}',
    );
    const { code, out, err } = await flatmin('train', await configFile('editor.jsonc', text), '--check');
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/editor\.jsonc is valid\.\n$/);
  });

  it('says line and column of a mistake in the JSON, without a stack', async () => {
    const { code, err } = await flatmin('train', await configFile('syntax.json', '{\n  "epochs": 3,,\n}'));
    expect(code).toBe(1);
    expect(err).toContain('syntax.json:2:15: expected a property name');
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('case 17: a forgotten base is refused by --check and by train, in the same words, without a stack', async () => {
    const file = await configFile('baseless.json', { ...config, optimizer: { use: 'sam' } });
    const checked = await flatmin('train', file, '--check');
    expect(checked.code).toBe(1);
    expect(checked.err).toMatch(/base/);
    expect(checked.err).not.toMatch(/^\s+at |ZodError/m);
    const run = await flatmin('train', file);
    expect({ ...run, err: run.err.slice(-checked.err.length) }).toEqual(checked);
  });

  it('case 31: --check says what its run would, and the run makes no folder', async () => {
    const dataset = { use: 'image-folder', dir: '/nowhere' };
    const file = await configFile('nowhere.json', { ...config, dataset });
    const checked = await flatmin('train', file, '--check');
    expect(checked).toMatchObject({ code: 1, out: '' });
    expect(checked.err).toMatch(/^flatmin: \/nowhere: cannot be found \(ENOENT\)/m);
    const run = await flatmin('train', file, '--out', 'never');
    expect({ ...run, err: run.err.slice(-checked.err.length) }).toEqual(checked);
    expect(await readdir(directory)).not.toContain('never');
  });

  it('--check only checks', async () => {
    expect(await flatmin('train', await configFile('ok.json', config), '--check')).toMatchObject({ code: 0 });
    expect(await readdir(directory)).not.toContain('runs');
  });
});

describe('flatmin data', () => {
  it('lists the data sets', async () => {
    const { code, out } = await flatmin('data', 'list');
    expect(code).toBe(0);
    for (const id of ['mnist1d', 'digits', 'idx', 'cifar', 'image-folder'])
      expect(out).toMatch(new RegExp(`^${id}: .+\\n {2}options: `, 'm'));
    const listed = JSON.parse((await flatmin('data', 'list', '--json')).out) as { id: string; readsFolder: boolean }[];
    expect(listed).toContainEqual(expect.objectContaining({ id: 'idx', readsFolder: true }));
  });

  it('checks a data set by id, by JSON text and by the config of a run', async () => {
    const { code, out, err } = await flatmin('data', 'check', 'digits');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('digits: classification, x float32 [batch, 64], 10 classes');
    expect(out).toMatch(/train +1,167 examples, x from 0 to 1, mean 0\.\d+/);
    const byText = await flatmin('data', 'check', '{ "use": "digits", "validation": 0.2 }', '--json');
    const summary = JSON.parse(byText.out) as { parts: Record<string, { examples: number; perClass: number[] }> };
    expect(Object.values(summary.parts).map(({ examples }) => examples)).toEqual([1038, 259, 500]);
    expect(summary.parts['test']?.perClass.reduce((a, b) => a + b)).toBe(500);
    expect((await flatmin('data', 'check', await configFile('run.json', config))).out).toBe(out);
  });

  it('recognizes a folder, and says what is wrong with a file in it', async () => {
    const folder = path.join(directory, 'images');
    await mkdir(folder);
    const header = (rank: number, ...sizes: number[]) => [0, 0, 8, rank, ...sizes.flatMap((size) => [0, 0, 0, size])];
    for (const part of ['train', 't10k']) {
      const images = [...header(3, 20, 4, 4), ...new Array<number>(320).fill(9)];
      await writeFile(path.join(folder, `${part}-images-idx3-ubyte`), Uint8Array.from(images));
      await writeFile(
        path.join(folder, `${part}-labels-idx1-ubyte`),
        Uint8Array.from([...header(1, 20), ...images.slice(-20)]),
      );
    }
    const { code, out } = await flatmin('data', 'check', folder);
    expect(code).toBe(0);
    expect(out).toMatch(/idx: classification, x float32 \[batch, 16\], 10 classes\n {2}train +18 examples/);
    await writeFile(path.join(folder, 'train-images-idx3-ubyte'), 'short');
    const broken = await flatmin('data', 'check', folder);
    expect(broken.code).toBe(1);
    expect(broken.err).toMatch(/^flatmin: .*train-images-idx3-ubyte, byte 0: it starts with 73 68 6f 72/);
  });

  it('decodes a folder of images in threads, checks and shows it, and ends', async () => {
    const folder = path.join(directory, 'animals');
    for (const [label, name] of ['ant', 'bee'].entries()) {
      await mkdir(path.join(folder, name), { recursive: true });
      const image = new PNG({ width: 8, height: 8 });
      image.data.fill(255 * label);
      for (let i = 0; i < 10; i++) await writeFile(path.join(folder, name, `${i}.png`), PNG.sync.write(image));
    }
    const { code, out, err } = await flatmin('data', 'check', folder);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('image-folder: classification, x float32 [batch, 8, 8, 3], 2 classes');
    expect(out).toMatch(/train +16 examples/);
    const spec = JSON.stringify({ use: 'image-folder', dir: folder, size: 32 });
    const sheet = path.join(directory, 'animals.png');
    const shown = await flatmin('data', 'preview', spec, '--count', '4', '--out', sheet);
    expect(shown.out).toMatch(/4 images of image-folder, train\n {2}row 1: ant\n {2}row 2: bee\n/);
    expect(PNG.sync.read(await readFile(sheet)).height).toBe(2 * 34 + 2);
    await writeFile(path.join(folder, 'bee/3.png'), 'short');
    const broken = await flatmin('data', 'check', folder);
    expect(broken.code).toBe(1);
    expect(broken.err).toMatch(/^flatmin: .*bee\/3\.png, byte 0: it starts with 73 68 6f 72; JPEG starts with ff d8/);
  });

  it('refuses what is not a data set', async () => {
    expect((await flatmin('data', 'check', 'digts')).err).toMatch(/digts is neither a folder.*Did you mean "digits"\?/);
    expect((await flatmin('data', 'check', directory)).err).toMatch(/no data set is recognized/);
  });

  it('shows images as a PNG with a row a class, and other examples as text', async () => {
    const file = path.join(directory, 'sheet.png');
    const { code, out } = await flatmin('data', 'preview', 'digits', '--count', '30', '--out', file);
    expect(code).toBe(0);
    expect(out).toMatch(/sheet\.png: 30 images of digits, train\n {2}row 1: class 0\n/);
    const png = await readFile(file);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    // 8 pixels, 7 times enlarged, and 2 between: 3 columns and 10 rows.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3 * 58 + 2, 10 * 58 + 2]);
    expect((await flatmin('data', 'preview', 'mnist1d', '--count', '10')).out).toMatch(/^0\t-?[\d.]+ /);
  });
});

describe('flatmin plugins', () => {
  it('lists every kind, with type, default and description of every option', async () => {
    const { out } = await flatmin('plugins', '--json');
    const plugins = JSON.parse(out) as { kind: string; id: string; options: { name: string; type: string }[] }[];
    expect(new Set(plugins.map(({ kind }) => kind))).toEqual(new Set(['base', 'dataset', 'meta', 'model', 'variant']));
    const sam = plugins.find(({ id }) => id === 'sam');
    expect(sam?.options.find(({ name }) => name === 'rho')).toMatchObject({ default: 0.05, required: false });
    expect((await flatmin('plugins', 'sam')).out).toMatch(
      /^sam \(variant\)\n[^]*\n {2}rho {2}number >= 0.*default 0\.05/,
    );
  });

  it('lists each in a line or two of 80 columns, by kind', async () => {
    const lines = (await flatmin('plugins')).out.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const [variants, metas] = [lines.indexOf('Variants, each over a base:'), lines.indexOf('Around a variant:')];
    expect(variants).toBe(0);
    const at = (id: string): number => lines.findIndex((line) => line.startsWith(`  ${id} `));
    expect(at('sam')).toBeGreaterThan(variants);
    expect(at('sam')).toBeLessThan(metas);
    expect(at('lets')).toBeGreaterThan(metas);
    expect(lines[at('usam')]).toMatch(/^ {2}usam +Unnormalized SAM: /);
    expect(lines.length).toBeLessThan(140);
  });

  it('refuses an id that nothing has', async () => {
    const { code, err } = await flatmin('plugins', 'smam');
    expect(code).toBe(1);
    expect(err).toMatch(/no plugin has the id "smam"\. Did you mean "msam"\?/);
  });
});

describe('flatmin doctor', () => {
  it('tells backend, versions and cores', async () => {
    const { code, out } = await flatmin('doctor');
    expect(code).toBe(0);
    expect(out).toMatch(/Backend in use: (tensorflow|wasm|cpu)\nNode\.js [\d.]+, TensorFlow\.js 4\.22\.0, .*\d+ cores/);
    expect(out).toContain('What would make it faster:');
  });
});

describe('flatmin quickstart', () => {
  it('takes other values of its config, which are checked by path', async () => {
    const { code, err } = await flatmin('quickstart', '--set', 'epochs=0', '--set', 'methods.SAM.Rho=1');
    expect(code).toBe(1);
    expect(err).toContain('epochs: is out of range (got 0). Use a whole number of at least 1');
    expect(err).toContain('Rho: is not an option of sam (got 1). Did you mean "rho"?');
  });

  it('runs every method, prints the table and writes the report', async () => {
    const out = path.join(directory, 'first-look');
    const { code, out: text, err } = await flatmin('quickstart', '--epochs', '1', '--seeds', '2', '--out', out);
    expect({ code, err }).toMatchObject({ code: 0 });
    for (const method of [
      'SGD',
      'SAM, rho 0.02',
      'SAM, rho 0.5',
      'SAM, rho 1',
      'LETS-SAM, paper',
      'LETS-SAM, robust',
    ]) {
      expect(text).toMatch(new RegExp(`^${method} +0\\.\\d{3} ± 0\\.\\d{3}`, 'm'));
    }
    const cells = await readdir(path.join(out, 'cells'));
    expect(cells).toHaveLength(12);
    const lines = linesOf(await readFile(path.join(out, 'cells', cells[0] as string, 'metrics.jsonl'), 'utf8'));
    expect(lines.filter(({ event }) => event === 'end')).toHaveLength(1);
    const html = await readFile(path.join(out, 'report.html'), 'utf8');
    expectSelfContained(html);
    expect(html).toContain('no number on this page comes from the paper');
  });
});
