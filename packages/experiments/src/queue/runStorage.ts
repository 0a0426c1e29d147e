import { writeWhole } from '@flatmin/training/node';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Redis } from 'ioredis';

/**
 * What holds the files of runs between the machines: named values, by the id of a run. Each is there whole or not at
 * all.
 */
export interface RunStorage {
  readonly kind: 'redis' | 'folder';
  /** Names it in messages. */
  readonly place: string;
  /** Bytes of a value, at most. */
  readonly mostOfPiece: number;
  /** Bytes of the files of a run, at most. */
  readonly mostOfRun: number;
  names(run: string): Promise<readonly string[]>;
  read(run: string, name: string): Promise<Uint8Array | undefined>;
  write(run: string, name: string, value: Uint8Array): Promise<void>;
  remove(run: string, names: readonly string[]): Promise<void>;
  removeAll(run: string): Promise<void>;
}

const mebibyte = 2 ** 20;

/** What a Redis is asked to hold of a run, in its memory. */
export const mostOfRunInRedis = 256 * mebibyte;

/** In the Redis itself: a hash a run. */
export function redisStorage(client: Redis, place: string, mostOfRun = mostOfRunInRedis): RunStorage {
  const key = (run: string): string => `flatmin:files:${run}`;
  return {
    kind: 'redis',
    place,
    mostOfPiece: mebibyte,
    mostOfRun,
    names: (run) => client.hkeys(key(run)),
    read: async (run, name) => (await client.hgetBuffer(key(run), name)) ?? undefined,
    async write(run, name, value) {
      await client.hset(key(run), name, Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    },
    async remove(run, names) {
      if (names.length > 0) await client.hdel(key(run), ...names);
    },
    async removeAll(run) {
      await client.unlink(key(run));
    },
  };
}

/** In a folder that all machines see: a folder a run. */
export function folderStorage(folder: string): RunStorage {
  const fileOf = (run: string, name: string): string => path.join(folder, run, name);
  return {
    kind: 'folder',
    place: folder,
    mostOfPiece: 64 * mebibyte,
    mostOfRun: Infinity,
    names: (run) => readdir(path.join(folder, run)).catch(missing([])),
    read: (run, name) => readFile(fileOf(run, name)).catch(missing(undefined)),
    async write(run, name, value) {
      await mkdir(path.join(folder, run), { recursive: true });
      await writeWhole(fileOf(run, name), value);
    },
    async remove(run, names) {
      for (const name of names) await rm(fileOf(run, name), { force: true });
    },
    removeAll: (run) => rm(path.join(folder, run), { recursive: true, force: true }),
  };
}

/** What stands for a file or folder that is not there. */
const missing =
  <T>(value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
