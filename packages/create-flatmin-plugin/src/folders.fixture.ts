import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = path.join(__dirname, '../../..');

/** What a person writes by hand to make p-norm-sam of what is generated. */
export const byHand = readFileSync(path.join(__dirname, '../fixtures/p-norm-sam.patch'), 'utf8');

/** What is given on the command line for it. */
export const description = 'SAM in any p-norm: climbs to the worst point of a ball whose shape p chooses.';

export const workspaceModules = path.join(root, 'node_modules');

/** Folders outside of the repository, which are gone after the tests. */
export class TemporaryFolders {
  readonly #made: string[] = [];

  make(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'flatmin-create-'));
    this.#made.push(folder);
    return folder;
  }

  remove(): void {
    for (const folder of this.#made.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}

export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program in a folder, without what an npm that runs these tests has put into the environment. */
export function run(command: string, args: readonly string[], cwd: string, input = ''): Ran {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const { error, status, stderr, stdout } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env,
    input,
    timeout: 500_000,
  });
  if (error !== undefined) throw error;
  // Jest asks the programs of its workers for colors.
  return { status, output: stripVTControlCharacters(`${stdout}${stderr}`) };
}

/** Applies a patch to the files of a folder. */
export function apply(patch: string, folder: string): void {
  const { output, status } = run('git', ['apply', '-'], folder, patch);
  if (status !== 0) throw new Error(`the patch does not fit what is generated: ${output}`);
}
