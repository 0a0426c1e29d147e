import { fork, type ChildProcess } from 'node:child_process';
import type { Experiment, MetricsLine, RunRecord } from '@flatmin/experiments/internal';
import type { LoadedInWorker, Reply, ReplyValue, Request } from './messages.js';

export interface RunListener {
  onMetrics(line: MetricsLine): void;
  /** Share of the run that is done. */
  onProgress(share: number): void;
}

/**
 * A process that trains. TensorFlow.js has one backend and one engine a process, and uses one core: so one process a
 * core.
 */
export class WorkerProcess {
  readonly #child: ChildProcess;

  /** @param plugins address of the module whose plugins the experiments name. */
  constructor(plugins: string, entry = new URL('./worker.js', import.meta.url)) {
    // One thread each: together the processes have as many as there are cores.
    const threads = { OMP_NUM_THREADS: '1', TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };
    this.#child = fork(entry, [plugins], {
      env: { ...process.env, ...threads },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  load(backend: string): Promise<LoadedInWorker> {
    return this.#ask({ kind: 'load', backend }) as Promise<LoadedInWorker>;
  }

  run(experiment: Experiment, listener: RunListener): Promise<RunRecord> {
    return this.#ask({ kind: 'run', experiment }, listener) as Promise<RunRecord>;
  }

  #ask(request: Request, listener?: RunListener): Promise<ReplyValue> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#child.off('message', onMessage).off('exit', onExit);
        act();
      };
      const onMessage = (reply: Reply): void => {
        if (reply.kind === 'metrics') listener?.onMetrics(reply.line);
        else if (reply.kind === 'steps') listener?.onProgress(reply.done / reply.total);
        else if (reply.kind === 'done') settle(() => resolve(reply.value));
        else settle(() => reject(Object.assign(new Error(reply.message), reply)));
      };
      const onExit = (code: number | null, signal: string | null): void =>
        settle(() => reject(new Error(`a training process ended early (${signal ?? `exit code ${code}`})`)));
      this.#child.on('message', onMessage).on('exit', onExit);
      this.#child.send(request);
    });
  }

  /** At once: the process leaves other signals to this one. */
  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
