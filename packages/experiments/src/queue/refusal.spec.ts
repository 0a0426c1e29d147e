import { describe, expect, it } from '@jest/globals';
import type { CellProcess } from '../cells/cellProcess.js';
import { refusalOf, refusalOfProcess, refusedByAll } from './refusal.js';
import { cellOfJob, jobIdOf, readRunJob, type RunJob } from './runJob.js';
import { memoryStorage } from './runStorage.fixture.js';
import { askFor } from './snapshot.js';

const cell = '0123456789abcdef';
const data: RunJob = {
  ...{ name: 'SAM · seed 1', config: { dataset: { use: 'digits' } }, data: '1 + 1 + 1 examples, aa' },
  ...{ version: '1.0.0', backend: 'cpu', threads: 1, plugins: [], storage: 'redis', refusals: {}, putBack: 0 },
};
const job = { ...data, cell };

async function factsWith(changes: object = {}) {
  const storage = memoryStorage();
  await askFor(storage, cell);
  return { version: '1.0.0', threads: 1, plugins: [], storage, ...changes };
}

describe('a worker refuses a run', () => {
  it('not where everything is as it was checked', async () => {
    expect(await refusalOf(job, await factsWith())).toBeUndefined();
    const config = { mlflow: { url: 'http://own', experiment: 'a' } };
    expect(await refusalOf({ ...job, config }, await factsWith({ mlflow: 'http://own' }))).toBeUndefined();
    const plugins = ['mine.js aa', 'flatmin-linf-sam 1.0.0', 'other 2.0.0'];
    expect(await refusalOf({ ...job, plugins: plugins.slice(0, 2) }, await factsWith({ plugins }))).toBeUndefined();
  });

  it.each<[string, object, object, RegExp]>([
    ['another version', {}, { version: '1.0.1' }, /^it is for flatmin 1\.0\.0, and this is 1\.0\.1$/],
    ['other threads', { threads: 4 }, {}, /^it needs --threads 4, and this worker has --threads 1/],
    [
      'a plugin of another version',
      { plugins: ['flatmin-linf-sam 1.0.0'] },
      { plugins: ['flatmin-linf-sam 1.1.0'] },
      /^it may need plugins that are not here: flatmin-linf-sam 1\.0\.0\. Start the worker with --plugin/,
    ],
    ['a folder that the worker has not', { storage: 'folder' }, {}, /start the worker with --storage and that folder$/],
    [
      'a server that its password is not for',
      { config: { mlflow: { url: 'http://elsewhere', experiment: 'a' } } },
      { mlflow: 'http://own' },
      /^it is recorded by MLflow at "http:\/\/elsewhere", which this worker does not know/,
    ],
    ['another storage', {}, { storage: memoryStorage() }, /^its files are not in memory, which is another folder/],
  ])('for %s', async (_, ofJob, ofWorker, reason) => {
    expect(await refusalOf({ ...job, ...ofJob }, await factsWith(ofWorker))).toMatch(reason);
  });

  const childWith = (identify: () => Promise<object>): CellProcess => ({ identify }) as unknown as CellProcess;

  it('for other data, another content of what the model is read from, or what its process cannot open', async () => {
    const found = { data: job.data, id: cell };
    expect(
      await refusalOfProcess(
        job,
        childWith(() => Promise.resolve(found)),
      ),
    ).toBeUndefined();
    expect(
      await refusalOfProcess(
        job,
        childWith(() => Promise.resolve({ ...found, data: '2 examples, bb' })),
      ),
    ).toBe('its data set digits is different here: 2 examples, bb here, 1 + 1 + 1 examples, aa there');
    expect(
      await refusalOfProcess(
        job,
        childWith(() => Promise.resolve({ ...found, id: 'other' })),
      ),
    ).toBe('a file that its model is read from has different content here');
    const failing = childWith(() => Promise.reject(new Error('invalid:\n  - optimizer.use: is unknown')));
    expect(await refusalOfProcess(job, failing)).toBe('it cannot begin here: invalid: - optimizer.use: is unknown');
  });

  it('with all reasons, each once, where all do', () => {
    expect(refusedByAll({ 'a~1': 'other data', 'b~2': 'no plugin', 'c~3': 'other data' })).toBe(
      'no worker takes it: a~1, c~3: other data; b~2: no plugin',
    );
  });
});

describe('a job of the queue', () => {
  it('is called by the id of its cell, also where that is a number', () => {
    expect(cellOfJob(jobIdOf('1234567890123456'))).toBe('1234567890123456');
    for (const id of ['1234567890123456', 'cell-../../etc', 'cell-0123456789ABCDEF', undefined]) {
      expect(cellOfJob(id)).toBeUndefined();
    }
  });

  it('is read as it was written, and refused where it is something else', () => {
    expect(readRunJob(jobIdOf(cell), data)).toEqual(job);
    for (const [id, value] of [
      ['12', data],
      [jobIdOf(cell), { ...data, config: 'text' }],
      [jobIdOf(cell), undefined],
    ] as const) {
      expect(() => readRunJob(id, value)).toThrow(/is not a run of flatmin compare/);
    }
  });
});
