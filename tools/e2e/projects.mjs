// A project of a user: packages are installed from the registry, and programs of `consumer` are run with them.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/steps.mjs';
import { run } from './processes.mjs';

/** Quick, quiet, and without the download that tfjs-node starts where something asks for it. */
const INSTALL = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** An empty project in `folder`, but for the programs that will use what is installed. */
export function createProject(folder) {
  fs.cpSync(path.join(import.meta.dirname, 'consumer'), folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
}

export function install({ npm }, folder, packages) {
  return npm([...INSTALL, ...packages], folder);
}

/** What a program of the project prints in its last line, which is JSON. */
export async function results(folder, program, node = process.execPath) {
  const output = await run(node, [path.join(folder, program)], { cwd: folder });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

/** Compiles the program in TypeScript; returns what the compiler says of it and of our packages, in `complaints`. */
export async function compile(folder, outDir, args) {
  const tsc = [
    path.join(ROOT, 'node_modules/typescript/bin/tsc'),
    '--project',
    'ts',
    '--outDir',
    `ts/${outDir}`,
    ...args,
  ];
  const output = await run(process.execPath, tsc, { cwd: folder, allowFailure: true });
  const diagnostics = output.split('\n').filter((line) => /error TS\d+/.test(line));
  // TensorFlow.js's own types do not pass a check of every file, with any version of TypeScript that can read ours.
  const complaints = diagnostics.filter(
    (line) => !/^(node_modules\/@(tensorflow|webgpu)\/|.*\/lib\.dom\.d\.ts)/.test(line),
  );
  return { complaints };
}

/** Gives a package of the project a copy of another one to itself, as npm does where versions do not fit together. */
export function nest(folder, inside, name) {
  const modules = path.join(folder, 'node_modules');
  fs.cpSync(path.join(modules, name), path.join(modules, inside, 'node_modules', name), { recursive: true });
}
