import { type ByteSource, invalidFile, unpack } from '@flatmin/data/node';

/** What byte 2 of an IDX file says; only bytes are read as images and labels. */
const elementTypes: Readonly<Record<number, string>> = {
  0x08: 'unsigned bytes',
  0x09: 'signed bytes',
  0x0b: '16-bit integers',
  0x0c: '32-bit integers',
  0x0d: '32-bit floats',
  0x0e: '64-bit floats',
};

/** An IDX file of unsigned bytes whose header fits its size. */
export interface IdxFile {
  readonly source: ByteSource;
  /** [examples, ...shape of one]. */
  readonly sizes: readonly number[];
  /** Where the data begins. */
  readonly headerBytes: number;
}

interface Header {
  readonly sizes: readonly number[];
  readonly headerBytes: number;
  readonly fileBytes: number;
}

const again = 'Download it again, or check that it is an IDX file.';

/**
 * Checks the header of an IDX file (raw or gzip) against its size; reads no more than the header of a raw file. A
 * packed file is unpacked to memory, to the size that its header says, at most `limit` bytes.
 *
 * Layout, big-endian: bytes 0 and 1 are 0, byte 2 the type of the elements, byte 3 the number of dimensions, then an
 * unsigned 32-bit size for each, then the elements, the last dimension fastest (yann.lecun.com/exdb/mnist).
 *
 * @param dimensions that it must have: 3 for images, 1 for labels.
 * @throws FlatminError DATA_FILE_INVALID with file, offset and what to do.
 */
export async function openIdx(file: ByteSource, dimensions: number, limit?: number): Promise<IdxFile> {
  const source = await unpack(file, {
    sizeOf: (head) => parseHeader(file.name, head, dimensions).fileBytes,
    ...(limit !== undefined && { limit }),
  });
  const head = await source.read(0, Math.min(source.size, 4 + 4 * dimensions));
  const { sizes, headerBytes, fileBytes } = parseHeader(file.name, head, dimensions);
  if (source.size !== fileBytes) {
    invalidFile(
      file.name,
      4,
      `sizes ${sizes.join(' x ')} need ${fileBytes} bytes with the header, the file has ${source.size}`,
      again,
    );
  }
  return { source, sizes, headerBytes };
}

function parseHeader(name: string, head: Uint8Array, dimensions: number): Header {
  const headerBytes = 4 + 4 * dimensions;
  checkMagic(name, head, dimensions);
  if (head.length < headerBytes) invalidFile(name, head.length, 'the file ends within the header', again);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const empty = sizes.indexOf(0);
  if (empty >= 0) invalidFile(name, 4 + 4 * empty, `dimension ${empty} has size 0`, again);
  const fileBytes = headerBytes + sizes.reduce((product, size) => product * size, 1);
  return { sizes, headerBytes, fileBytes };
}

function checkMagic(name: string, head: Uint8Array, dimensions: number): void {
  if (head.length < 4) invalidFile(name, head.length, 'the file ends within the first four bytes', again);
  const [zero, alsoZero, type, rank] = head as unknown as readonly [number, number, number, number];
  const magic = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  if (zero === 0x80 && alsoZero <= 5) {
    invalidFile(name, 0, `it starts with ${magic}, like a Python pickle`, 'Use the IDX files of the data set.');
  }
  if (zero !== 0 || alsoZero !== 0)
    invalidFile(name, 0, `it starts with ${magic}, and an IDX file starts with 00 00`, again);
  if (type !== 0x08) {
    const found = elementTypes[type] ?? `of the unknown type 0x${type.toString(16)}`;
    invalidFile(name, 2, `its elements are ${found}`, 'Images and labels are read as unsigned bytes (08): convert it.');
  }
  if (rank !== dimensions) {
    const kinds = dimensions === 1 ? 'labels have 1' : `images have ${dimensions}`;
    invalidFile(name, 3, `it has ${rank} dimensions, ${kinds}`, 'Check that images and labels are not swapped.');
  }
}
