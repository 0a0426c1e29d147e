import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noteFailure } from '../cells/cellFolder.js';
import { textOfLine } from '../run/metricsFile.js';
import { queryRuns } from './queryRuns.js';
import { config, linesOf, method, runFolder } from './runFolder.fixture.js';

let directory = '';
let folders: string[] = [];
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "flatmin's-"));
  const evaluation = {
    event: 'evaluation',
    method,
    seed: 0,
    epoch: 1,
    step: 5,
    part: 'test',
    loss: NaN,
    accuracy: 0.125,
  } as const;
  folders = [
    runFolder(path.join(directory, 'a'), { ...config, seeds: [0, 1] }, [
      evaluation,
      ...linesOf(0, 0.5),
      ...linesOf(1, 1),
    ]),
    runFolder(path.join(directory, 'b'), { ...config, name: 'SGD' }, linesOf(0, 0.25, 'SGD')),
  ];
  appendFileSync(path.join(directory, 'b', 'metrics.jsonl'), `garbage\n${textOfLine(evaluation)}{"event":"to`);
});
let said = '';
beforeEach(() => {
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (said += String(text)) !== '');
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const ask = async (sql: string): Promise<unknown> => (await queryRuns(folders, sql)).rows;
const refusal = (sql: string): Promise<string> =>
  ask(sql).then(
    () => 'it was answered',
    (error: Error) => error.message,
  );

describe('queryRuns', () => {
  it('has a row a seed in runs, by columns of the list', async () => {
    expect(await queryRuns(folders, 'select method, avg(test_accuracy), count(*) as n from runs group by method order by 2')).toEqual({
      columns: ['method', 'avg(test_accuracy)', 'n'],
      rows: [['SGD', 0.25, 1], [method, 0.75, 2]],
    }); // prettier-ignore
    expect(
      await ask(
        'select seed, status, epochs, steps, rho, batch_size, learning_rate, best_step from runs order by folder, seed',
      ),
    ).toEqual([
      [0, 'done', 2, 20, 0.05, 64, 0.1, null],
      [1, 'done', 2, 20, 0.05, 64, 0.1, null],
      [0, 'done', 2, 20, 0.05, 64, 0.1, null],
    ]);
    expect(await ask("select typeof(created), created > timestamp '2020-01-01' from runs limit 1")).toEqual([
      ['TIMESTAMP', true],
    ]);
  });

  it('has the lines of the metrics as views, without what is damaged, and the configs as JSON', async () => {
    expect(await ask('select epoch, avg(test_accuracy) from epochs where method != \'SGD\' group by epoch order by epoch')).toEqual([[1, 0.375], [2, 0.75]]); // prettier-ignore
    expect(await ask('select seed, max(step), min(steps.rho) from steps join runs using (folder, method, seed) group by seed order by seed')).toEqual([[0, 20, 0.05], [1, 20, 0.05]]); // prettier-ignore
    expect(await ask('select step, loss, accuracy from evaluations')).toEqual([[5, NaN, 0.125], [5, NaN, 0.125]]); // prettier-ignore
    expect(await ask("select config->'$.optimizer.base' as base from configs limit 1")).toEqual([
      [JSON.stringify(config.optimizer.base)],
    ]);
  });

  it('says once which lines of a file are damaged and left out, where the query reads them', async () => {
    const damaged = path.join(directory, 'b', 'metrics.jsonl');
    // 24 lines of the run, then garbage; what has no end is being written.
    const sentence = `${damaged}:25 is damaged: it is left out, and the rest is used.\n`;
    expect(await ask("select count(*) from epochs where method = 'SGD'")).toEqual([[2]]);
    expect(said).toBe(sentence);
    said = '';
    await ask('with e as (select * from "evaluations") select count(*) from e, runs');
    expect(said).toBe(sentence);
    said = '';
    const folder = runFolder(path.join(directory, 'c'), config, linesOf(0, 0.5));
    const lacking = textOfLine({ event: 'epoch', method, seed: 0, step: 10 });
    writeFileSync(path.join(folder, 'metrics.jsonl'), `${lacking}[]\nnull\n{"event":"epoch"}\n${readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8')}`); // prettier-ignore
    expect((await queryRuns([folder], 'select avg(epochs) from runs')).rows).toEqual([[2]]);
    // Which reads the end of the file alone.
    expect(said).toBe('');
    expect((await queryRuns([folder], 'select count(*), count(seed) from epochs')).rows).toEqual([[2, 2]]);
    expect(said).toMatch(
      /metrics\.jsonl:1 is damaged, and so are lines 2, 3, 4: they are left out, and the rest is used\.\n$/,
    );
    rmSync(folder, { recursive: true });
  });

  it('has cells that failed before they were runs in runs and configs', async () => {
    const failed = path.join(directory, 'sam-0123456789abcdef');
    await noteFailure(failed, 'no such file', config as never);
    const sql = `select status, reason, config->>'$.epochs', (select count(*) from epochs) from runs join configs using (folder)`;
    expect((await queryRuns([failed], sql)).rows).toEqual([['failed', 'no such file', '2', 0]]);
    const both = `select r.status, count(e.epoch) from runs r left join epochs e using (folder) group by all order by all`;
    expect((await queryRuns([failed, folders[1] as string], both)).rows).toEqual([['done', 2], ['failed', 0]]); // prettier-ignore
    rmSync(failed, { recursive: true });
  });

  it('gives lists and structs as JSON, and integers that a number cannot hold as text', async () => {
    expect(await ask("select [1, 2], {'a': 1}, 9007199254740993, 1.5::decimal(3, 1), true, null")).toEqual([
      ['[1,2]', '{"a":1}', '9007199254740993', 1.5, true, null],
    ]);
  });

  it('works where there is no run', async () => {
    expect((await queryRuns([], 'select * from runs')).columns).toContain('test_accuracy');
  });

  it('refuses what reads or writes anything else, and says what is wrong with a query', async () => {
    const other = path.join(directory, 'other.json').replaceAll("'", "''");
    writeFileSync(path.join(directory, 'other.json'), '{}');
    const metrics = path.join(directory, 'a', 'metrics.jsonl');
    const before = readFileSync(metrics, 'utf8');
    for (const sql of [
      `copy (select 1) to '${metrics.replaceAll("'", "''")}' (use_tmp_file false)`,
      `explain analyze copy (select 1) to '${metrics.replaceAll("'", "''")}'`,
      'drop table runs', 'set enable_external_access = true', 'install httpfs', 'attach \'x.db\'', 'select 1; drop table runs',
    ]) expect(await refusal(sql)).toMatch(/cannot be answered: it (is not a SELECT|has 2 statements)|cannot be answered: .*(Error|Permission)/); // prettier-ignore
    for (const sql of [
      `select * from read_json('${other}')`,
      `select * from read_text('/etc/hosts')`,
      `from glob('/*')`,
    ]) {
      expect(await refusal(sql)).toMatch(/cannot be answered: Permission Error.*disabled/);
    }
    expect(await refusal('selct 1')).toMatch(
      /cannot be answered: Parser Error: syntax error at or near "selct"[^]*--help names the tables/,
    );
    expect(await refusal('select acc from runs')).toMatch(
      /Binder Error: Referenced column "acc" not found[^]*Candidate/,
    );
    expect(readFileSync(metrics, 'utf8')).toBe(before);
    expect(readdirSync(directory).sort()).toEqual(['a', 'b', 'other.json']);
  });
});
