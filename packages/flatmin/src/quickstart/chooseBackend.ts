import type { LoadedInWorker } from './messages.js';
import type { WorkerProcess } from './workerProcess.js';

export interface ChosenBackend extends LoadedInWorker {
  /** Why this one, in a few words. */
  readonly why: string;
}

/**
 * Loads one backend in all workers: the one asked for, else wasm, else the best one that loads.
 *
 * A step of this network is a few hundred small ops. The native backend pays about 50 microseconds for each, whatever its
 * size; wasm pays a tenth of that, and is one thread a process anyway. It is a rule rather than a measurement at the start,
 * so that the same machine gives the same numbers each time.
 */
export async function chooseBackend(
  workers: readonly Pick<WorkerProcess, 'load'>[],
  asked: string | undefined,
): Promise<ChosenBackend> {
  const loadAll = async (name: string): Promise<LoadedInWorker> => {
    const [loaded] = await Promise.all(workers.map((worker) => worker.load(name)));
    return loaded as LoadedInWorker;
  };
  if (asked !== undefined) return { ...(await loadAll(asked)), why: 'asked for' };
  try {
    return { ...(await loadAll('wasm')), why: 'the fastest for a network this small' };
  } catch {
    return { ...(await loadAll('auto')), why: 'wasm does not load here' };
  }
}
