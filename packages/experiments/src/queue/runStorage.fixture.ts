import type { RunStorage } from './runStorage.js';

/** In memory, with pieces of four bytes. */
export function memoryStorage(mostOfRun = Infinity): RunStorage & { readonly values: Map<string, Uint8Array> } {
  const values = new Map<string, Uint8Array>();
  const remove = (run: string, names: readonly string[]): Promise<void> => {
    for (const name of names) values.delete(`${run}/${name}`);
    return Promise.resolve();
  };
  const names = (run: string): Promise<string[]> =>
    Promise.resolve(
      [...values.keys()].flatMap((key) => (key.startsWith(`${run}/`) ? [key.slice(run.length + 1)] : [])),
    );
  return {
    values,
    kind: 'redis',
    place: 'memory',
    mostOfPiece: 4,
    mostOfRun,
    names,
    read: (run, name) => Promise.resolve(values.get(`${run}/${name}`)),
    write(run, name, value) {
      values.set(`${run}/${name}`, Uint8Array.from(value));
      return Promise.resolve();
    },
    remove,
    removeAll: async (run) => remove(run, await names(run)),
  };
}
