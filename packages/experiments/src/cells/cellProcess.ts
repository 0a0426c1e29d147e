import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RunConfig } from '../config/runConfig.js';
import type { PluginRequest } from '../plugins/loadPlugin.js';
import type { RunRecord } from '../run/runRecord.js';
import type { CellProgress, CellReply, CellRequest } from './messages.js';

/** What comes of a cell in a process: its record, or why there is none. */
export type CellEnd =
  | { readonly kind: 'ended'; readonly record?: RunRecord }
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly message: string; readonly code?: string };

export interface CellListener {
  onProgress?(progress: CellProgress): void;
  onCheckpoint?(): void;
  /** A line of what the process says, such as a warning of a plugin. */
  onLine?(line: string): void;
}

export interface CellProcessOptions {
  /** Address of the module whose plugins every container has. */
  readonly plugins: string;
  /** Threads of the backend. */
  readonly threads: number;
}

/** What the plugins of a run have no use for: the addresses and passwords of a queue. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FLATMIN_REDIS_')));
}

/**
 * A process that trains cells, one after the other. TensorFlow.js has one backend and one engine a process, and a step
 * may block it for minutes: so several processes, and none of them the one that answers the user.
 */
export class CellProcess {
  readonly #child: ChildProcess;
  #listener: CellListener | undefined;

  constructor({ plugins, threads }: CellProcessOptions, entry = new URL('./worker.js', import.meta.url)) {
    const count = String(threads);
    const limits = { OMP_NUM_THREADS: count, TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: '1' };
    this.#child = fork(entry, [plugins], {
      env: { ...withoutSecrets(process.env), ...limits },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const said = createInterface({ input: this.#child.stderr as NodeJS.ReadableStream });
    said.on('line', (line) => this.#listener?.onLine?.(line));
  }

  /** False once the process has ended, however that was. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.connected;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws what loading the backend threw. */
  async open(
    backend: string,
    requests: readonly PluginRequest[],
  ): Promise<{ readonly backend: string; readonly version: string }> {
    const reply = await this.#ask({ kind: 'open', backend, requests });
    if (reply.kind === 'opened') return reply;
    throw errorOf(reply);
  }

  /**
   * Which cell a config is in this process.
   *
   * @throws what checking the config or opening its data threw.
   */
  async identify(
    config: unknown,
    context: { readonly version: string; readonly threads: number },
  ): Promise<{ readonly id: string; readonly data: string }> {
    const reply = await this.#ask({ kind: 'identify', config, ...context });
    if (reply.kind === 'identified') return reply;
    throw errorOf(reply);
  }

  async run(folder: string, config: RunConfig, listener: CellListener = {}): Promise<CellEnd> {
    this.#listener = listener;
    try {
      return (await this.#ask({ kind: 'run', folder, config })) as CellEnd;
    } finally {
      this.#listener = undefined;
    }
  }

  /** Lets the run save a checkpoint and end, which its `run` tells. */
  stop(): void {
    if (this.isAlive) this.#child.send({ kind: 'stop' } satisfies CellRequest, () => undefined);
  }

  /** At once: the process leaves other signals to this one. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(request: CellRequest): Promise<CellReply> {
    return new Promise((resolve) => {
      const settle = (reply: CellReply): void => {
        this.#child.off('message', onMessage).off('exit', onExit);
        resolve(reply);
      };
      const onMessage = (reply: CellReply): void => {
        if (reply.kind === 'progress') this.#listener?.onProgress?.(reply.progress);
        else if (reply.kind === 'checkpoint') this.#listener?.onCheckpoint?.();
        else settle(reply);
      };
      const onExit = (code: number | null, signal: string | null): void =>
        settle({ kind: 'failed', message: `its process ended early (${signal ?? `exit code ${code}`})` });
      this.#child.on('message', onMessage).on('exit', onExit);
      // A process that is gone has been told, or is, by its exit.
      this.#child.send(request, () => undefined);
      if (!this.isAlive) settle({ kind: 'failed', message: 'its process has ended' });
    });
  }
}

/** What the process threw. */
function errorOf(reply: CellReply): Error {
  return Object.assign(new Error((reply as { message?: string }).message), reply);
}
