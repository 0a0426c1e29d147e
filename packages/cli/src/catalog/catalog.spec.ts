import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommandLine } from '../command/program.js';

const bin = path.join(__dirname, '../../../flatmin/dist/bin.js');
let directory = '';
let [out, err] = ['', ''];
const here = process.cwd();
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
  process.chdir(directory);
});
afterAll(() => {
  process.chdir(here);
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text)) !== '');
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (err += String(text)) !== '');
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

/** What `flatmin runs` prints for some arguments. */
async function runs(...args: string[]) {
  [out, err] = ['', ''];
  const code = await runCommandLine(['node', 'flatmin', 'runs', ...args], {
    version: '1.2.3',
    plugins: 'flatmin/node',
  });
  process.exitCode = undefined;
  return { code, out, err };
}

/** A run folder of some seeds of one epoch, each with its test accuracy. */
function folder(name: string, rho: number, accuracies: readonly number[]): void {
  mkdirSync(name, { recursive: true });
  const optimizer = { use: 'sam', rho, base: { use: 'sgd', learningRate: 0.1 } };
  const seeds = accuracies.map((_, seed) => seed);
  const config = { dataset: { use: 'digits' }, model: { use: 'mlp' }, optimizer, epochs: 1, batchSize: 64, seeds };
  writeFileSync(path.join(name, 'config.json'), JSON.stringify(config));
  const lines = accuracies.flatMap((accuracy, seed) => {
    const of = { method: 'sam(sgd)', seed };
    const epoch = { epoch: 1, step: 5, learningRate: 0.1, loss: 1, radius: rho, gradientEvaluations: 10 };
    return [
      { event: 'start', ...of, step: 0, settings: {} },
      { event: 'epoch', ...of, ...epoch, test: { loss: 1 - accuracy, accuracy } },
      { event: 'end', ...of, steps: 5, gradientEvaluations: 10, seconds: 1, stopped: false, stoppedEarly: false },
    ];
  });
  writeFileSync(path.join(name, 'metrics.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

describe('flatmin runs', () => {
  it('lists nothing where nothing was run', async () => {
    expect(await runs('list')).toEqual({ code: 0, out: '', err: 'No runs in runs.\n' });
  });

  it('lists, shows and tells apart', async () => {
    folder('runs/a', 0.05, [0.5, 0.75]);
    folder('runs/b', 0.5, [0.625, 0.25]);
    const { out: list, err: count } = await runs('list', '--sort', '-test_accuracy', '--where', 'seed=0');
    expect(list).toMatch(
      /^folder +method +seed +status +test accuracy .*\n-.*\nruns\/b +sam\(sgd\) +0 +done +0\.625 .*\nruns\/a .* 0\.5 /,
    );
    expect(count).toBe('2 runs that match in 2 folders.\n');
    expect(JSON.parse((await runs('list', 'runs/a', '--json')).out)).toMatchObject([
      { seed: 0 },
      { seed: 1, test: { accuracy: 0.75 } },
    ]);
    expect((await runs('show', 'runs/a')).out).toMatch(/^runs\/a, made \d{4}-.*Z\n\n.*\n[^]*"rho": 0\.05/);
    const { out: diff } = await runs('diff', 'runs/a', 'runs/b');
    expect(diff).toMatch(/optimizer\.rho +0\.05 +0\.5\n/);
    expect(diff).toMatch(/seed 1 +test_accuracy +0\.75 +0\.25\n/);
    for (const command of ['show', 'rm']) {
      expect(await runs(command, 'nowhere')).toMatchObject({
        code: 1,
        err: expect.stringMatching(/nowhere is not the folder of a run/) as unknown,
      });
    }
  });

  it('compares them, as a table, a page and files', async () => {
    const { out: table, code } = await runs('compare', 'runs');
    expect({ code, table }).toMatchObject({
      code: 0,
      table: expect.stringMatching(/^sam\(sgd\), rho 0\.5 +0\.438 /m) as unknown,
    });
    const { out: csv } = await runs('export', 'runs/a', 'runs/b', '--format', 'csv');
    // (0.5 + 0.75) / 2
    expect(csv).toMatch(/\r\n,"sam\(sgd\), rho 0\.05",sam\(sgd\),0\.05,.*,0\.625,/);
    // Vega is no module that jest loads: by the command as it is built.
    const args = ['runs', 'report', 'runs/a', 'runs/b', '--out', 'page', '--charts', 'svg', 'png', 'spec'];
    const files = ['svg', 'png', 'vl.json'].map((ending) => `Charts: ${path.join('page/charts', `*.${ending}`)}\n`);
    expect(execFileSync(process.execPath, [bin, ...args], { encoding: 'utf8' })).toBe(
      [`Report: ${path.join('page', 'report.html')}\n`, ...files].join(''),
    );
    expect(readFileSync('page/charts/final.svg', 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(readFileSync('page/charts/final.png').subarray(1, 4).toString()).toBe('PNG');
    expect(JSON.parse(readFileSync('page/charts/final.vl.json', 'utf8'))).toHaveProperty('$schema');
    expect(readFileSync('page/report.html', 'utf8')).toContain('sam(sgd), rho 0.5');
    expect((await runs('report', 'runs/a', '--out', 'page')).err).toMatch(
      /page has a report\.html, which would be replaced/,
    );
    expect((await runs('compare', 'runs', '--reference', 'adam')).err).toMatch(
      /no run is of the method adam\. Methods: sam\(sgd\)\./,
    );
  });

  it('answers queries, as a table, JSON and CSV', async () => {
    const sql = 'select rho, avg(test_accuracy) as accuracy from runs group by rho order by rho';
    expect((await runs('query', sql)).out).toBe(' rho  accuracy\n----  --------\n0.05     0.625\n 0.5    0.4375\n');
    expect(JSON.parse((await runs('query', sql, 'runs/b', '--json')).out)).toEqual([{ rho: 0.5, accuracy: 0.4375 }]);
    expect((await runs('query', sql, '--csv')).out).toBe('rho,accuracy\r\n0.05,0.625\r\n0.5,0.4375\r\n');
    appendFileSync('runs/b/metrics.jsonl', 'garbage\n');
    expect(await runs('query', 'select count(*) as n from epochs')).toEqual({
      code: 0,
      out: 'n\n-\n4\n',
      err: 'runs/b/metrics.jsonl:7 is damaged: it is left out, and the rest is used.\n',
    });
    expect(await runs('query', 'select x from runs')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/"x" not found/) as unknown,
    });
  });

  it('removes a run where it is told to', async () => {
    expect((await runs('rm', 'runs/a')).err).toMatch(
      /there is no terminal on which to ask whether to remove runs\/a\. Add --yes/,
    );
    expect(await runs('rm', 'runs/a', '--yes')).toMatchObject({ code: 0, out: 'Removed runs/a: 2 files.\n' });
    expect([existsSync('runs/a'), existsSync('runs/b')]).toEqual([false, true]);
  });

  it('shows a cell that failed, and removes a comparison where it is told to', async () => {
    const cell = 'grid/cells/sam-0123456789abcdef';
    folder(cell, 0.05, [0.5]);
    const config: unknown = JSON.parse(readFileSync(`${cell}/config.json`, 'utf8'));
    const failed = 'grid/cells/sam-0123456789abcdee';
    mkdirSync(failed);
    writeFileSync(`${failed}/failure.json`, JSON.stringify({ message: 'no such file', at: '', config }));
    writeFileSync('grid/comparison.json', JSON.stringify({ command: 'compare', grid: {}, cells: [] }));
    expect((await runs('list', 'grid', '--where', 'status=failed')).out).toContain('0123456789abcdee');
    expect((await runs('show', failed)).out).toMatch(/\nsam\(sgd\), seed 0, failed: no such file\n[^]*"rho": 0\.05/);
    expect((await runs('rm', 'grid')).err).toMatch(/no terminal on which to ask whether to remove grid/);
    expect(await runs('rm', 'grid', '--yes')).toMatchObject({ code: 0, out: 'Removed grid: 4 files of 2 runs.\n' });
    expect(existsSync('grid')).toBe(false);
  });
});
