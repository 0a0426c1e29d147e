import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errorCodes, isFlatminError } from '@flatmin/core/errors';
import * as tfjs from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { backendNames, describeBackends, loadBackend, type BackendName } from '@flatmin/backend';
import { resolveRequest } from '../tfjs/backendName.js';
import { explain } from './explain.js';
import { restoreLegacyUtil } from '../tfjs/legacyUtil.js';

const preset = tfjs.getBackend() as BackendName;
afterAll(() => loadBackend(preset));

describe('loadBackend', () => {
  it('gives the same TensorFlow.js each time, and switches backends under living tensors', async () => {
    const { tf } = await loadBackend('cpu');
    const x = tf.tensor1d([1, 2, 3]);
    const wasm = await loadBackend('wasm');
    expect(wasm.tf.getBackend()).toBe('wasm');
    expect(wasm.tf.engine()).toBe(tf.engine());
    expect(x.square().arraySync()).toEqual([1, 4, 9]);
    expect((await loadBackend('cpu')).tf.getBackend()).toBe('cpu');
    expect(x.add(1).arraySync()).toEqual([2, 3, 4]);
    expect(await loadBackend('cpu')).toEqual(await loadBackend('cpu'));
  });

  it('registers gradients', async () => {
    const { tf } = await loadBackend('cpu');
    // d/dx mean(x^2) = 2 x / n
    expect(
      tf
        .grad((x) => x.square().mean())(tf.tensor1d([3, 4]))
        .arraySync(),
    ).toEqual([3, 4]);
  });

  it('refuses a name that is not a backend, with the names that are', async () => {
    const error: unknown = await loadBackend('gpu' as BackendName).catch((thrown: unknown) => thrown);
    expect(isFlatminError(error)).toBe(true);
    expect(error).toMatchObject({ name: 'FlatminError', code: 'BACKEND_UNKNOWN' });
    expect(String(error)).toContain("'gpu' is not one of auto, tensorflow, wasm, cpu, tensorflow-gpu, webgpu");
  });
});

(preset === 'tensorflow' ? it : it.skip)('refuses the second of two native packages in one process', async () => {
  await loadBackend('tensorflow');
  await expect(loadBackend('tensorflow-gpu')).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message:
      'This process has loaded @tensorflow/tfjs-node and cannot load @tensorflow/tfjs-node-gpu as well. Choose one when the program starts.',
  });
});

describe('describeBackends', () => {
  it('reports every backend and leaves the active one as it was', async () => {
    await loadBackend('cpu');
    const report = await describeBackends();
    expect(tfjs.getBackend()).toBe('cpu');
    expect(report.backends.map(({ name }) => name)).toEqual([...backendNames]);
    expect(report.backends[2]).toEqual({ name: 'cpu', available: true, version: tfjs.version['tfjs-backend-cpu'] });
    expect(report.cores).toBeGreaterThan(0);
    for (const status of report.backends) {
      if (!status.available) expect(status.remedy).toMatch(/npm/);
    }
    expect(report.advice.length > 0).toBe(report.backends.some(({ available }) => !available));
  });
});

describe('resolveRequest', () => {
  it.each([
    [undefined, {}, undefined],
    ['auto', {}, undefined],
    ['auto', { FLATMIN_BACKEND: '' }, undefined],
    [undefined, { FLATMIN_BACKEND: 'wasm' }, 'wasm'],
    ['auto', { FLATMIN_BACKEND: ' cpu ' }, 'cpu'],
    ['cpu', {}, 'cpu'],
  ])('loadBackend(%p) with %p asks for %p', (name, environment, only) => {
    expect(resolveRequest(name, environment)).toMatchObject({ only, notes: [] });
  });

  it('lets an explicit argument overrule the variable, and says so', () => {
    expect(resolveRequest('cpu', { FLATMIN_BACKEND: 'tensorflow' })).toMatchObject({
      only: 'cpu',
      notes: ["FLATMIN_BACKEND=tensorflow was overridden by loadBackend('cpu')"],
    });
  });

  it('refuses a variable that does not name a backend', () => {
    expect(() => resolveRequest(undefined, { FLATMIN_BACKEND: 'gpu' })).toThrow(
      /FLATMIN_BACKEND=gpu does not name a backend/,
    );
  });
});

describe('explain', () => {
  it('tells a package that is not there from a library that is not', () => {
    const absent = new Error("Cannot find package '@tensorflow/tfjs-node' imported from /somewhere");
    expect(explain('tensorflow', absent).reason).toBe('@tensorflow/tfjs-node is not installed.');
    const hollow = new Error(
      'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x.\nPlease',
    );
    expect(explain('tensorflow', hollow).remedy).toContain('npm rebuild @tensorflow/tfjs-node');
  });

  it('keeps the first line of any other reason', () => {
    expect(explain('wasm', new Error('out of memory.\nmore')).reason).toBe('out of memory.');
  });
});

describe('restoreLegacyUtil', () => {
  it.each(['22.0.0', '24.21.0'])('gives Node %s the functions that tfjs-node calls', (version) => {
    const target: Record<string, (value: unknown) => boolean> = {};
    restoreLegacyUtil(target, version);
    expect([null, undefined, 0, ''].map((value) => target['isNullOrUndefined']?.(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(target['isArray']?.([])).toBe(true);
  });

  it('leaves Node 20 alone, which has them', () => {
    const target = {};
    restoreLegacyUtil(target, '20.19.0');
    expect(target).toEqual({});
  });
});

it('has every error code of backends in its README, and no other', () => {
  const readme = readFileSync(path.join(__dirname, '../../README.md'), 'utf8');
  expect(new Set(readme.match(/BACKEND_[A-Z]+(?=` \|)/g))).toEqual(
    new Set(errorCodes.filter((code) => code.startsWith('BACKEND_'))),
  );
});
