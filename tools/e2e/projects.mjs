// A project of a user: packages are installed from the registry, and programs of `consumer` are run with them.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/steps.mjs';
import { run } from './processes.mjs';

/** Quick, quiet, and without the download that tfjs-node starts where something asks for it. */
const QUIETLY = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** An empty project in `folder`. */
export function createProject(folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
}

/** The programs that use what is installed. */
export function addPrograms(folder) {
  fs.cpSync(path.join(import.meta.dirname, 'consumer'), folder, { recursive: true });
}

export function install({ npm }, folder, packages) {
  return npm(['install', ...QUIETLY, ...packages], folder);
}

/** Takes packages away, with all that only they needed. */
export function uninstall({ npm }, folder, packages) {
  return npm(['uninstall', ...QUIETLY, ...packages], folder);
}

/** The packages that a project asked for. */
export function dependenciesOf(folder) {
  return Object.keys(JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).dependencies);
}

export function isInstalled(folder, name) {
  return fs.existsSync(path.join(folder, 'node_modules', name));
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

/**
 * Gives a package of the project a copy of another one to itself, as npm does where versions do not fit together;
 * returns what takes it away.
 */
export function nest(folder, inside, name) {
  const modules = path.join(folder, 'node_modules');
  const copy = path.join(modules, inside, 'node_modules');
  fs.cpSync(path.join(modules, name), path.join(copy, name), { recursive: true });
  return () => fs.rmSync(copy, { recursive: true });
}
