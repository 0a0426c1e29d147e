import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { officialContainer } from 'flatmin/node';
import { judgedConfig } from '../config/checkConfig.js';
import { type RunConfig, runConfigSchema } from '../config/runConfig.js';
import { mlflowLogger } from './mlflow.js';
import { mlflowOfRun } from './mlflowOfRun.js';
import { ResultsDirectory } from './resultsDirectory.js';

/** A tracking server as https://mlflow.org/docs/latest/rest-api.html has it, with no experiment yet. */
let server: Server;
let url = '';
let requests: { readonly what: string; readonly body?: unknown; readonly authorization?: string | undefined }[] = [];
let answers: Record<string, [number, object]> = {};
let said = '';
const standard = (): Record<string, [number, object]> => ({
  'GET experiments/get-by-name?experiment_name=my%20runs': [404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }],
  'POST experiments/create': [200, { experiment_id: '7' }],
  'POST runs/create': [200, { run: { info: { run_id: 'abc' } } }],
  'POST runs/log-batch': [200, {}],
  'POST runs/update': [200, { run_info: {} }],
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}

beforeEach(async () => {
  [requests, answers, said] = [[], standard(), ''];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (said += String(text)) !== '');
  server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const what = `${request.method} ${(request.url ?? '').replace('/api/2.0/mlflow/', '')}`;
      const { authorization } = request.headers;
      requests.push({
        what,
        ...(text && { body: JSON.parse(text) as unknown }),
        ...(authorization && { authorization }),
      });
      const [status, answer] = answers[what] ?? [500, {}];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  jest.restoreAllMocks();
  if (!server.listening) return;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const run = { name: 'sam, seed 0', params: { 'optimizer.rho': '0.05', long: 'x'.repeat(600) }, began: 1000 };
const log = { step: 5, loss: 1.5, radius: null, learningRate: 0.1, gradientEvaluations: 10 } as never;
const evaluation = { step: 10, epoch: 1, part: 'test', loss: NaN, accuracy: 0.75, scores: { f1: 0.5 } } as never;

async function logged(env: NodeJS.ProcessEnv = {}) {
  const logger = mlflowLogger({ url, experiment: 'my runs' }, run, () => 2000, env);
  await logger.callbacks.onLog?.(log);
  await logger.callbacks.onEvaluation?.(evaluation);
  await logger.callbacks.onEpoch?.({} as never);
  await logger.finish('FINISHED', 3000);
}

describe('mlflowLogger', () => {
  it('makes experiment and run, logs settings and metrics in batches, and says how it ended', async () => {
    await logged();
    const metric = (key: string, value: number, step: number) => ({ key, value, timestamp: 2000, step });
    expect(requests).toEqual([
      { what: 'GET experiments/get-by-name?experiment_name=my%20runs' },
      { what: 'POST experiments/create', body: { name: 'my runs' } },
      {
        what: 'POST runs/create',
        body: {
          ...{ experiment_id: '7', run_name: 'sam, seed 0', start_time: 1000 },
          tags: [{ key: 'mlflow.source.name', value: 'flatmin' }],
        },
      },
      {
        what: 'POST runs/log-batch',
        body: {
          run_id: 'abc',
          params: [
            { key: 'optimizer.rho', value: '0.05' },
            { key: 'long', value: 'x'.repeat(500) },
          ],
        },
      },
      {
        what: 'POST runs/log-batch',
        body: {
          run_id: 'abc',
          metrics: [
            ...[
              metric('step/loss', 1.5, 5),
              metric('step/learning_rate', 0.1, 5),
              metric('step/gradient_evaluations', 10, 5),
            ],
            ...[metric('test/accuracy', 0.75, 10), metric('test/f1', 0.5, 10)],
          ],
        },
      },
      { what: 'POST runs/update', body: { run_id: 'abc', status: 'FINISHED', end_time: 3000 } },
    ]);
    expect(said).toBe('');
  });

  it('goes on in the run that it is told of, and in a new one where the server has that no longer', async () => {
    const kept: string[] = [];
    const goOn = async () => {
      const known = { ...run, runId: 'old', onRun: (id: string) => kept.push(id) };
      const logger = mlflowLogger({ url, experiment: 'my runs' }, known, () => 2000, {});
      await logger.callbacks.onLog?.(log);
      await logger.finish('FINISHED', 3000);
    };
    answers['GET runs/get?run_id=old'] = [200, { run: { info: { run_id: 'old', lifecycle_stage: 'active' } } }];
    await goOn();
    expect(requests.map(({ what }) => what)).toEqual([
      ...['GET runs/get?run_id=old', 'POST runs/update', 'POST runs/log-batch', 'POST runs/update'],
    ]);
    expect(requests[1]?.body).toEqual({ run_id: 'old', status: 'RUNNING' });
    expect(requests[2]?.body).toMatchObject({ run_id: 'old', metrics: [{ key: 'step/loss' }, {}, {}] });
    expect(requests[3]?.body).toEqual({ run_id: 'old', status: 'FINISHED', end_time: 3000 });
    expect(kept).toEqual([]);
    for (const gone of [
      [404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }],
      [200, { run: { info: { run_id: 'old', lifecycle_stage: 'deleted' } } }],
    ] as [number, object][]) {
      [requests, answers['GET runs/get?run_id=old']] = [[], gone];
      await goOn();
      expect(requests.at(-1)?.body).toMatchObject({ run_id: 'abc', status: 'FINISHED' });
    }
    expect(kept).toEqual(['abc', 'abc']);
    expect(said).toBe('');
  });

  it('keeps the run of a seed in its folder, and forgets it where another server or experiment is asked for', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
    try {
      const mlflow = { url, experiment: 'my runs' };
      const clock = { now: () => 2000, elapsed: () => 0 };
      const config = { optimizer: { use: 'sgd' }, mlflow } as unknown as RunConfig;
      const told = async (goesOn: boolean, of: object = mlflow): Promise<readonly string[]> => {
        requests = [];
        const logger = mlflowOfRun({ ...config, mlflow: of } as RunConfig, 3, {}, { clock, directory, goesOn });
        await logger?.finish('KILLED', 3000);
        return requests.map(({ what }) => what).filter((what) => /runs\/(get|create)/.test(what));
      };
      answers['GET runs/get?run_id=abc'] = [200, { run: { info: { run_id: 'abc', lifecycle_stage: 'active' } } }];
      expect(await told(true)).toEqual(['POST runs/create']);
      expect(readdirSync(directory)).toEqual(['mlflow-seed-3.json']);
      expect(readFileSync(path.join(directory, 'mlflow-seed-3.json'), 'utf8')).toContain('"runId": "abc"');
      expect(await told(true)).toEqual(['GET runs/get?run_id=abc']);
      expect(await told(false)).toEqual(['POST runs/create']);
      expect(await told(true, { ...mlflow, url: url.replace(/\/$/, '') })).toEqual(['POST runs/create']);
      writeFileSync(path.join(directory, 'mlflow-seed-3.json'), '{ "run');
      expect(await told(true)).toEqual(['POST runs/create']);
      // It is flatmin's own.
      expect(() => ResultsDirectory.requireFree(directory)).toThrow(/mlflow-seed-3\.json, which a run would replace/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('uses an experiment that is there, and sends the token of the environment, or user and password', async () => {
    answers['GET experiments/get-by-name?experiment_name=my%20runs'] = [200, { experiment: { experiment_id: '3' } }];
    await logged({ MLFLOW_TRACKING_TOKEN: 'secret' });
    expect(requests[1]).toMatchObject({ what: 'POST runs/create', body: { experiment_id: '3' } });
    expect(new Set(requests.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer secret']));
    requests = [];
    await logged({ MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'p' });
    expect(requests[0]?.authorization).toBe(`Basic ${Buffer.from('me:p').toString('base64')}`);
  });

  it('sends no more than 1,000 metrics at a time', async () => {
    const logger = mlflowLogger({ url, experiment: 'my runs' }, run, () => 2000, {});
    for (let i = 0; i < 1000; i++) await logger.callbacks.onLog?.(log);
    await logger.finish('KILLED', 3000);
    const sizes = requests.flatMap(({ body }) => (body as { metrics?: unknown[] } | undefined)?.metrics?.length ?? []);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
    expect(sizes.reduce((a, b) => a + b)).toBe(3000);
  });

  it('says once that the server errs or is away, sends nothing more, and holds nothing up', async () => {
    answers['POST runs/create'] = [403, { error_code: 'PERMISSION_DENIED' }];
    await logged({ MLFLOW_TRACKING_TOKEN: 'secret' });
    expect(requests).toHaveLength(3);
    expect(said).toBe(
      'MLflow receives nothing more from this run: runs/create was answered with 403 ({"error_code":"PERMISSION_DENIED"}). Training continues.\n',
    );
    said = '';
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await logged();
    expect(said).toMatch(
      /^MLflow receives nothing more from this run: http:\/\/127\.0\.0\.1:\d+ cannot be reached \(.+\)\. Training continues\.\n$/,
    );
  });

  it('a config may hold no address with a password', () => {
    const { mlflow } = runConfigSchema.shape;
    expect(mlflow.parse({ url: 'https://mlflow.example' })).toEqual({
      url: 'https://mlflow.example',
      experiment: 'flatmin',
    });
    for (const wrong of ['https://me:secret@mlflow.example', 'https://token@mlflow.example']) {
      expect(JSON.stringify(mlflow.safeParse({ url: wrong }).error?.issues)).toMatch(
        /contains a user name or a password/,
      );
    }
    expect(mlflow.safeParse({ url: 'file:///mlruns' }).success).toBe(false);
    // And no error repeats it.
    const { problems } = judgedConfig({ mlflow: { url: 'https://me:secret@mlflow.example' } }, officialContainer());
    expect(problems).toContainEqual(
      expect.objectContaining({ path: 'mlflow.url', value: 'https://***@mlflow.example' }),
    );
    expect(JSON.stringify(problems)).not.toContain('secret');
  });
});
