// Each backend in a process of its own, as an application loads it, on each Node version that flatmin supports.
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { backendNames } from '@flatmin/backend';
import { prepareStart } from './loadTensorflow.js';
import { hasNativeBackend, root, runChild, runTrainStep, type TrainStep } from './child.fixture.js';

interface NodeBinary {
  readonly version: string;
  readonly binary?: string;
  readonly missing?: string;
}

const own: NodeBinary = { version: process.versions.node, binary: process.execPath };
const others = JSON.parse(runChild([path.join(root, 'tools/setup/node-versions.mjs')]).stdout || '[]') as NodeBinary[];
const native = hasNativeBackend();

describe.each([own, ...others])('Node $version', ({ version, binary, missing }) => {
  for (const backend of backendNames) {
    const why = missing ?? (backend === 'tensorflow' && !native ? 'no native backend was set up' : undefined);
    const test = why === undefined ? it : it.skip;
    test(`trains on ${backend}, silently, and ends by itself${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
      const child = runTrainStep(backend, {}, binary);
      expect(child.stderr).toBe('');
      expect(child.status).toBe(0);
      expect(child.stdout.trim().split('\n')).toHaveLength(1);
      const step = JSON.parse(child.stdout) as TrainStep;
      expect(step).toMatchObject({
        name: backend,
        active: backend,
        node: version,
        notes: [],
        square: 9,
        // x = [[1, 2], [3, 4]], w = [1, 1]: x w = [3, 7], and the gradient of |x w|^2 is 2 x^T x w = [48, 68].
        product: [[3], [7]],
        gradient: [[48], [68]],
        largest: [3],
        oneCore: true,
        layers: 'function',
        listeners: 0,
      });
      expect(step.oneDnn).toBe(backend === 'tensorflow' && process.arch === 'x64' ? '1' : undefined);
      // Rate 0.01, momentum 0.9. First step: w = [0.52, 0.32]; there x w = [1.16, 2.84], gradient [19.36, 27.36];
      // velocity 0.9 [48, 68] + [19.36, 27.36] = [62.56, 88.56]; w = [-0.1056, -0.5656].
      expect(step.weights[0]?.[0]).toBeCloseTo(-0.1056, 5);
      expect(step.weights[1]?.[0]).toBeCloseTo(-0.5656, 5);
    });
  }
});

describe('where packages are missing', () => {
  const hidden = '@tensorflow/tfjs-node';
  const hiddenBoth = `${hidden},@tensorflow/tfjs-backend-wasm`;

  it('passes the native backend over and says why', () => {
    const child = runTrainStep('auto', { HIDDEN: hidden });
    expect(JSON.parse(child.stdout)).toMatchObject({
      name: 'wasm',
      notes: [
        expect.stringMatching(/^tensorflow: @tensorflow\/tfjs-node is not installed\. Install it with `npm install/),
      ],
    });
    expect(child.stderr).toBe('');
  });

  it('falls back to cpu, which is always there', () => {
    const child = runTrainStep('auto', { HIDDEN: hiddenBoth });
    const { name, notes } = JSON.parse(child.stdout) as TrainStep;
    expect(name).toBe('cpu');
    expect(notes.map((note) => note.split(':')[0])).toEqual(['tensorflow', 'wasm']);
  });

  it('fails instead of falling back when FLATMIN_BACKEND forces the missing one', () => {
    const child = runTrainStep('auto', { HIDDEN: hidden, FLATMIN_BACKEND: 'tensorflow' });
    expect(child.status).toBe(1);
    expect(child.stdout).toBe('');
    expect(child.stderr).toContain("FlatminError: FLATMIN_BACKEND=tensorflow asks for the backend 'tensorflow'");
    expect(child.stderr).toContain("code: 'BACKEND_UNAVAILABLE'");
  });

  it('fails instead of falling back when the argument names the missing one', () => {
    const child = runTrainStep('wasm', { HIDDEN: hiddenBoth });
    expect(child.status).toBe(1);
    expect(child.stderr).toContain("FlatminError: loadBackend('wasm') asks for the backend 'wasm'");
  });

  it('uses what FLATMIN_BACKEND forces although a better one is there', () => {
    expect(JSON.parse(runTrainStep('auto', { FLATMIN_BACKEND: 'cpu' }).stdout)).toMatchObject({
      name: 'cpu',
      notes: [],
    });
  });
});

it('turns oneDNN on where its kernels were measured, and leaves it to who has set it', () => {
  const set = (architecture: string, before: NodeJS.ProcessEnv = {}): string | undefined => {
    const environment = { ...before };
    prepareStart(environment, architecture);
    return environment['TF_ENABLE_ONEDNN_OPTS'];
  };
  expect([set('x64'), set('arm64'), set('x64', { TF_ENABLE_ONEDNN_OPTS: '0' })]).toEqual(['1', undefined, '0']);
});

describe('backends that load only by name', () => {
  const refusal = (backend: string, env: NodeJS.ProcessEnv): string => {
    const child = runTrainStep(backend, env);
    expect([child.status, child.stdout]).toEqual([1, '']);
    expect(child.stderr).toContain("code: 'BACKEND_UNAVAILABLE'");
    return child.stderr;
  };
  /** A package whose whole text this is. */
  const text = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const noAdapter = 'export const globals = {}; export const create = () => ({ requestAdapter: async () => null });';

  it('webgpu: names the package that is missing', () => {
    const dawn = 'webgpu';
    expect(refusal('webgpu', { HIDDEN: dawn })).toContain(
      'The package webgpu, which is Dawn for Node, is not installed. Install it with `npm install webgpu`.',
    );
    const replaced = JSON.stringify({ [dawn]: text(noAdapter) });
    const hidden = '@tensorflow/tfjs-backend-webgpu';
    expect(refusal('webgpu', { HIDDEN: hidden, REPLACED: replaced })).toContain(`${hidden} is not installed.`);
  });

  it('webgpu: says that there is no adapter', () => {
    expect(refusal('webgpu', { REPLACED: JSON.stringify({ webgpu: text(noAdapter) }) })).toContain(
      "The backend 'webgpu' does not load: WebGPU finds no adapter.",
    );
  });

  it('tensorflow-gpu: names the package that is missing', () => {
    expect(refusal('tensorflow-gpu', { HIDDEN: '@tensorflow/tfjs-node-gpu' })).toContain(
      '@tensorflow/tfjs-node-gpu is not installed. Install it with `npm install @tensorflow/tfjs-node-gpu@4.22.0`.',
    );
  });

  (native ? it : it.skip)('tensorflow-gpu: is the native backend of the other package', () => {
    const child = runTrainStep('tensorflow-gpu', {
      REPLACED: JSON.stringify({ '@tensorflow/tfjs-node-gpu': '@tensorflow/tfjs-node' }),
    });
    expect(child.stderr).toBe('');
    expect(JSON.parse(child.stdout)).toMatchObject({ name: 'tensorflow-gpu', active: 'tensorflow', square: 9 });
  });

  it('are never taken by auto', () => {
    const { name } = JSON.parse(runTrainStep('auto', { HIDDEN: '@tensorflow/tfjs-node' }).stdout) as TrainStep;
    expect(name).toBe('wasm');
  });
});

(native ? it : it.skip)('stays silent in a worker thread, whose environment TensorFlow cannot see', () => {
  const script = path.join(__dirname, 'trainStep.fixture.mjs');
  const program = `new (require('node:worker_threads').Worker)(${JSON.stringify(script)}, { argv: ['tensorflow'] })`;
  const child = runChild(['-e', program]);
  expect(child.stderr).toBe('');
  expect(JSON.parse(child.stdout)).toMatchObject({ name: 'tensorflow' });
});
