import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { type ByteSource, checkRange, invalidFile, missingFile } from './byteSource.js';

/**
 * A file as a source. It is opened for each read and closed after it, so there is nothing to close and no file stays
 * open; only what is read takes memory.
 *
 * @throws FlatminError DATA_FILE_MISSING if it is not a plain file (a folder, a pipe, a device), or may not be read.
 */
export async function openDataFile(path: string): Promise<ByteSource> {
  const found = await realpath(path)
    .then((real) => stat(real))
    .catch((error: unknown) => {
      missingFile(path, `cannot be opened (${codeOf(error)})`, 'Check the path and its permissions.', error);
    });
  if (!found.isFile()) missingFile(path, 'is not a plain file', 'Give a file.');
  const { size } = found;
  const readMany = (offsets: readonly number[], length: number): Promise<readonly Uint8Array[]> => {
    for (const offset of offsets) checkRange(path, size, offset, length);
    return opened(path, size, async (handle) => {
      const all = new Uint8Array(offsets.length * length);
      const parts = offsets.map((_, i) => all.subarray(i * length, (i + 1) * length));
      // At once: the system's threads read in parallel.
      await Promise.all(parts.map((part, i) => fill(handle, path, part, offsets[i] as number)));
      return parts;
    });
  };
  return {
    name: path,
    size,
    readMany,
    read: async (offset, length) => (await readMany([offset], length))[0] as Uint8Array,
  };
}

async function opened<T>(path: string, size: number, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  // Not blocking: a pipe that has taken the file's place must not hang the run.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) =>
    missingFile(path, `can no longer be opened (${codeOf(error)})`, 'Restore it, and start again.', error),
  );
  try {
    const now = await handle.stat();
    if (!now.isFile() || now.size !== size) {
      invalidFile(path, 0, `the file had ${size} bytes and now has ${now.size}`, 'Do not change it during a run.');
    }
    return await work(handle);
  } finally {
    await handle.close();
  }
}

async function fill(handle: FileHandle, path: string, part: Uint8Array, offset: number): Promise<void> {
  let done = 0;
  while (done < part.length) {
    const { bytesRead } = await handle
      .read(part, done, part.length - done, offset + done)
      .catch((error: unknown) =>
        invalidFile(path, offset + done, `it cannot be read (${codeOf(error)})`, 'Check the disk.', error),
      );
    if (bytesRead === 0) invalidFile(path, offset + done, 'the file ends here', 'Do not change it during a run.');
    done += bytesRead;
  }
}

/** The system's code of an error, such as ENOENT. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}
