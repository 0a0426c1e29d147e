import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';

/** How a program ended, and what it said. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly text: { out: string; err: string };
  /** Told what has come whenever something did. */
  look: () => void;
}

/**
 * Node.js in a process that outlives the programs that it runs, one after the other: loading TensorFlow.js takes two
 * seconds of a processor, most programs of tests none. Each has its arguments, its folder, its exit code and its
 * output, and has ended when a process of its own would have: when nothing is left to do. One that ends its process
 * (by an error, or `process.exit`) does so here, too; the next gets a new one.
 *
 * Not for what is about processes: signals, environments, two at once.
 */
export class WarmNode {
  readonly #endMark = randomUUID();
  #running: Running | undefined;

  async run(file: string, args: readonly string[], cwd: string): Promise<Outcome> {
    const running = (this.#running ??= this.#start());
    const { child, text } = running;
    Object.assign(text, { out: '', err: '' });
    const outcome = new Promise<Outcome>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, ...text }));
      running.look = () => {
        const [out, err] = [this.#before(text.out), this.#before(text.err)];
        if (out !== undefined && err !== undefined)
          resolve({ code: out.code, signal: null, out: out.text, err: err.text });
      };
    });
    child.send({ file, args, cwd });
    const ended = await outcome;
    child.removeAllListeners('close');
    if (child.exitCode !== null || child.signalCode !== null) this.#running = undefined;
    return ended;
  }

  /** Ends the process. */
  end(): void {
    this.#running?.child.kill('SIGKILL');
    this.#running = undefined;
  }

  #start(): Running {
    const child = fork(path.join(__dirname, 'warmPrograms.fixture.mjs'), [this.#endMark], {
      // What the shell of the tests wants of colors is not meant for the programs.
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: undefined },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    });
    const running: Running = { child, text: { out: '', err: '' }, look: () => undefined };
    for (const [name, stream] of [
      ['out', child.stdout],
      ['err', child.stderr],
    ] as const) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        running.text[name] += chunk;
        running.look();
      });
    }
    return running;
  }

  /**
   * What stands before the end mark, and the code after it. What ends with the process says more after that: a summary
   * of `node:test`.
   */
  #before(text: string): { readonly text: string; readonly code: number } | undefined {
    const at = text.lastIndexOf(this.#endMark);
    const code = at < 0 ? undefined : /^\s*(\d+)\n/.exec(text.slice(at + this.#endMark.length))?.[1];
    return code === undefined ? undefined : { text: text.slice(0, at), code: Number(code) };
  }
}
