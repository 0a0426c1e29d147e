import { type ChildProcessWithoutNullStreams, spawn, type SpawnOptionsWithoutStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type Outcome, WarmNode } from './warmNode.fixture.js';

/** The command as a user has it: built, by the package flatmin. */
export const bin = path.join(__dirname, '../../../flatmin/dist/bin.js');

/** The config of a run of a second. */
export const smallConfig = {
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [4] },
  optimizer: { use: 'sam', base: { use: 'sgd', learningRate: 0.1 } },
  epochs: 1,
  batchSize: 64,
};

/** A command in a process of its own. */
export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has said so far. */
  readonly text: { readonly out: string; readonly err: string };
  /** When it has ended, and nobody holds its pipes any more. */
  readonly ended: Promise<Outcome>;
}

/** Starts the command in a process of its own, for what is about processes. */
export function start(args: readonly string[], options: SpawnOptionsWithoutStdio): Started {
  const child = spawn(process.execPath, [bin, ...args], options);
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
  const ended = once(child, 'close').then((end): Outcome => {
    const [code, signal] = end as [number | null, string | null];
    return { code, signal, ...text };
  });
  return { child, text, ended };
}

/** The command, and other programs, one after the other in one process: for what is about what they say and leave. */
export class WarmCommand {
  readonly #node = new WarmNode();

  run(args: readonly string[], cwd: string): Promise<Outcome> {
    return this.#node.run(bin, args, cwd);
  }

  node(file: string, cwd: string): Promise<Outcome> {
    return this.#node.run(path.join(cwd, file), [], cwd);
  }

  end(): void {
    this.#node.end();
  }
}
