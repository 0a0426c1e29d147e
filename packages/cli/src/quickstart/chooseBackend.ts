import type { LoadedInWorker } from './messages.js';
import type { WorkerProcess } from './workerProcess.js';

export interface ChosenBackend extends LoadedInWorker {
  /** Why this one, in a few words. */
  readonly why: string;
}

/**
 * Loads one backend in all workers: the one asked for, else the best one that loads.
 *
 * On the native backend a step is one graph, which takes a third of the time that its few hundred small ops take on
 * wasm. It is a rule rather than a measurement at the start, so that the same machine gives the same numbers each time.
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
  return { ...(await loadAll('auto')), why: 'the best that loads here' };
}
