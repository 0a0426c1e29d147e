import { spawnSync } from 'node:child_process';
import path from 'node:path';

export const root = path.resolve(__dirname, '../../../..');

export interface Child {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its own end: one that hangs has the status null. What the test run sets for itself is not
 * inherited.
 */
export function runChild(args: readonly string[], env: NodeJS.ProcessEnv = {}, node = process.execPath): Child {
  const inherited = { ...process.env };
  for (const name of ['FLATMIN_BACKEND', 'TF_CPP_MIN_LOG_LEVEL', 'TF_ENABLE_ONEDNN_OPTS']) delete inherited[name];
  return spawnSync(node, args, {
    encoding: 'utf8',
    timeout: 500_000,
    cwd: path.parse(root).root,
    env: { ...inherited, ...env },
  });
}

/** Runs `trainStep.fixture.mjs`, which uses the built package as an application would. */
export function runTrainStep(backend: string, env: NodeJS.ProcessEnv = {}, node = process.execPath): Child {
  const isChanged = env['HIDDEN'] !== undefined || env['REPLACED'] !== undefined;
  const hide = isChanged ? ['--import', path.join(__dirname, 'hiddenPackages.fixture.mjs')] : [];
  return runChild([...hide, path.join(__dirname, 'trainStep.fixture.mjs'), backend], env, node);
}

/** What `trainStep.fixture.mjs` prints. */
export interface TrainStep {
  readonly name: string;
  readonly node: string;
  readonly notes: readonly string[];
  /** TF_ENABLE_ONEDNN_OPTS. */
  readonly oneDnn?: string;
  readonly weights: readonly (readonly number[])[];
}

/** Whether the set-up has reached the native backend; its tests are skipped where it has not. */
export function hasNativeBackend(): boolean {
  return !runChild([path.join(root, 'tools/native-backend/backend-id.mjs')]).stdout.startsWith('no native backend');
}
