import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bytesOf, isGzip, memoryFolder, openDataFile, openFolder, unpack } from '../index.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'data-'));
  await mkdir(path.join(directory, 'set/train'), { recursive: true });
  await writeFile(path.join(directory, 'outside'), 'secret');
  await writeFile(
    path.join(directory, 'set/a.bin'),
    Uint8Array.from({ length: 10 }, (_, i) => i),
  );
  await writeFile(path.join(directory, 'set/train/b.bin'), 'b');
  await symlink('../outside', path.join(directory, 'set/leaves'));
  await symlink('a.bin', path.join(directory, 'set/stays'));
  await symlink('set', path.join(directory, 'link'));
});
afterAll(() => rm(directory, { recursive: true }));
const inSet = (name: string): string => path.join(directory, 'set', name);

describe('openDataFile', () => {
  it('reads ranges, in the order asked', async () => {
    const file = await openDataFile(inSet('a.bin'));
    expect([file.name, file.size]).toEqual([inSet('a.bin'), 10]);
    expect([...(await file.read(3, 4))]).toEqual([3, 4, 5, 6]);
    expect((await file.readMany([8, 0, 8], 2)).map((part) => [...part])).toEqual([
      [8, 9],
      [0, 1],
      [8, 9],
    ]);
  });

  it.each([
    [7, 4],
    [0, 2 ** 40],
    [-1, 2],
    [0.5, 2],
    [0, NaN],
  ])('refuses offset %p with length %p before it allocates', async (offset, length) => {
    const before = process.memoryUsage().arrayBuffers;
    const file = await openDataFile(inSet('a.bin'));
    await expect(async () => file.read(offset, length)).rejects.toMatchObject({
      code: 'DATA_FILE_INVALID',
      message: expect.stringContaining('a.bin, byte'),
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('says so when a file has changed during a run', async () => {
    const name = path.join(directory, 'changing');
    await writeFile(name, 'four');
    const file = await openDataFile(name);
    await writeFile(name, 'longer than four');
    await expect(file.read(0, 2)).rejects.toThrow(/had 4 bytes and now has 16/);
    await rm(name);
    await expect(file.read(0, 2)).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
  });

  it.each(['nothing', 'train', '/dev/zero'])('refuses %s', async (name) => {
    const file = path.isAbsolute(name) ? name : inSet(name);
    await expect(openDataFile(file)).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
  });
});

describe('openFolder', () => {
  it('lists sorted names, and opens files below it, also through links that stay inside', async () => {
    const folder = await openFolder(path.join(directory, 'link'));
    expect(await folder.names()).toEqual(['a.bin', 'leaves', 'stays', 'train']);
    expect(await folder.names('train')).toEqual(['b.bin']);
    expect((await folder.open('train/b.bin')).size).toBe(1);
    expect((await folder.open('stays')).size).toBe(10);
  });

  it.each(['leaves', '../outside', 'train/../../outside'])('refuses %s, which leads out', async (name) => {
    const folder = await openFolder(path.join(directory, 'set'));
    await expect(folder.open(name)).rejects.toThrow(/leads out of the folder/);
  });

  it('refuses what is not a folder', async () => {
    await expect(openFolder(inSet('a.bin'))).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    await expect(openFolder(inSet('none'))).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    await expect((await openFolder(directory)).names('set/a.bin')).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
  });
});

describe('memoryFolder', () => {
  it('behaves as one on disk', async () => {
    const folder = memoryFolder('m', {
      'a.bin': Uint8Array.of(1),
      'train/b.bin': Uint8Array.of(2),
      'train/c/d': Uint8Array.of(3),
    });
    expect(await folder.names()).toEqual(['a.bin', 'train']);
    expect(await folder.names('train')).toEqual(['b.bin', 'c']);
    expect([...(await (await folder.open('train/b.bin')).read(0, 1))]).toEqual([2]);
    await expect(folder.open('toString')).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
  });
});

describe('unpack', () => {
  const text = new TextEncoder().encode('some text '.repeat(1000));
  const packed = bytesOf('t', new Uint8Array(gzipSync(text)));

  it('unpacks by content, and leaves the rest as it is', async () => {
    const found = await unpack(packed);
    expect([found.name, found.size]).toEqual(['t', text.length]);
    expect(await found.read(0, text.length)).toEqual(text);
    const plain = bytesOf('t.gz', text);
    expect(await unpack(plain)).toBe(plain);
    expect(await isGzip(bytesOf('x', Uint8Array.of(0x1f)))).toBe(false);
  });

  it('never unpacks more than the limit, nor than the head says', async () => {
    expect((await unpack(packed, { limit: text.length })).size).toBe(text.length);
    const bomb = bytesOf('bomb', new Uint8Array(gzipSync(new Uint8Array(2 ** 26))));
    const before = process.memoryUsage().arrayBuffers;
    for (const options of [{ limit: 1000 }, { sizeOf: () => 1000 }, { limit: 1000, sizeOf: () => 2 ** 40 }]) {
      await expect(unpack(bomb, options)).rejects.toMatchObject({
        code: 'DATA_FILE_INVALID',
        message: expect.stringMatching(/^bomb, byte 0: the gzip data unpacks to more than 100\d bytes/),
      });
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('shows the head before anything else is unpacked', async () => {
    let head = '';
    await unpack(packed, { sizeOf: (bytes) => ((head = new TextDecoder().decode(bytes.subarray(0, 9))), text.length) });
    expect(head).toBe('some text');
    const wrong = unpack(packed, {
      sizeOf: () => {
        throw new Error('wrong head');
      },
    });
    await expect(wrong).rejects.toThrow('wrong head');
  });

  it('names broken data', async () => {
    const bytes = await packed.read(0, packed.size);
    for (const broken of [bytes.slice(0, 20), bytes.slice().fill(255, 10, 20)]) {
      await expect(unpack(bytesOf('t', broken))).rejects.toThrow(/^t, byte 0: the gzip data is broken/);
    }
  });
});
