// Steps print one short line each, with the time they took; their own output is shown only when they fail.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');

/** Ends the program with `exitCode`, once its message has been printed. */
export class StepFailed extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs `work` and prints its name, what it returns, and its time. */
export function step(name, work) {
  return begin(work)(name);
}

/** Begins `work`. What is returned waits for it and prints as `step` does, when something else has printed its own. */
export function begin(work) {
  const started = performance.now();
  let time = '';
  const result = Promise.resolve()
    .then(work)
    .finally(() => {
      time = `[${((performance.now() - started) / 1000).toFixed(1)} s]`;
    });
  result.catch(() => undefined); // Whoever waits hears of it.
  return async (name) => {
    process.stdout.write(`${name.padEnd(14)} `);
    try {
      console.log(`${await result} ${time}`);
    } catch (error) {
      console.log(`failed ${time}`);
      throw error;
    }
  };
}

/** Runs a program in the workspace root and keeps its output; fails the step, with that output, if it fails. */
export async function capture(command, args, env = process.env) {
  const { code, output } = await spawned(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  if (code !== 0) throw new StepFailed(`${output.trim()}\n${commandLine(command, args)} ended with code ${code}`, code);
  return output;
}

/** Runs a program in the workspace root on this terminal, and returns its exit code. */
export async function show(command, args, env = process.env) {
  const { code } = await spawned(command, args, { env, stdio: 'inherit' });
  return code;
}

/** Runs npm: the one that started us if there is one. */
export function npm(args) {
  const script = process.env.npm_execpath ?? '';
  return script.endsWith('npm-cli.js') ? capture(process.execPath, [script, ...args]) : capture('npm', args);
}

/** The body of a program made of steps: turns what they throw into a message and an exit code. */
export async function main(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}

function spawned(command, args, options) {
  const shell = process.platform === 'win32' && command === 'npm';
  const child = spawn(command, args, { cwd: ROOT, shell, ...options });
  const chunks = [];
  child.stdout?.on('data', (chunk) => chunks.push(chunk));
  child.stderr?.on('data', (chunk) => chunks.push(chunk));
  const release = passSignalsTo(child);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new StepFailed(`${commandLine(command, args)}: ${error.message}`)));
    child.once('close', (code, signal) => {
      resolve({ code: code ?? exitCodeOf(signal), output: Buffer.concat(chunks).toString() });
    });
  }).finally(release);
}

// A terminal sends Ctrl-C to the child too: then only wait for it, since a second one means "at once" to many programs.
function passSignalsTo(child) {
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  return () => {
    for (const signal of signals) process.off(signal, pass);
  };
}

function exitCodeOf(signal) {
  return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal] ?? 1;
}

function commandLine(command, args) {
  return [command === process.execPath ? 'node' : command, ...args].join(' ');
}
