import type { ExampleSource } from '@flatmin/data';
import { type ByteSource, bytesOf, type DataFolder, invalidFile, missingFile } from '@flatmin/data/node';
import { channels, containsAll, imageBytes, type LabelByte, type Labels, type Layout } from './layout.js';

/** Records whose labels are read at once. */
const labelRecords = 1024;
/** Far more than a hundred names need. */
const mostNameBytes = 2 ** 16;
const again = 'Download the binary version again.';

export interface CifarImages {
  readonly train: ExampleSource;
  readonly test: ExampleSource;
  readonly classNames?: readonly string[];
}

export interface ReadCifarOptions {
  readonly labels: Labels;
  /** Files of up to so many bytes together are read to memory at once; larger ones as they are used. */
  readonly memory: number;
}

/**
 * Reads a folder of the binary version: checks every file's size and every label; images are read when they are asked
 * for.
 *
 * A record is its label bytes (CIFAR-10: one; CIFAR-100: coarse, then fine), then 1,024 bytes each of red, green and
 * blue, row by row. Images come as bytes of [32, 32, 3], channels last.
 *
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID with file, offset and remedy.
 */
export async function readCifar(parent: DataFolder, layout: Layout, options: ReadCifarOptions): Promise<CifarImages> {
  const place = await binaryFolder(parent, layout);
  const open = (name: string): Promise<ByteSource> => parent.open(`${place}${name}`);
  const files = await Promise.all([...layout.train, layout.test].map(open));
  const inMemory = files.reduce((sum, { size }) => sum + size, 0) <= options.memory;
  const records = await inTurn(files, (file) => openRecords(file, layout, options.labels, inMemory));
  const test = records.pop() as RecordFile;
  const byte = layout.labels[options.labels] as LabelByte;
  const names = await parent.names(place === '' ? '.' : layout.folder);
  const classNames = names.includes(byte.names) ? await readNames(await open(byte.names), byte.classes) : undefined;
  return { train: sourceOf(records), test: sourceOf([test]), ...(classNames && { classNames }) };
}

/** Where the files lie: in the folder itself, or in that of the archive. The Python version is refused by name. */
async function binaryFolder(parent: DataFolder, layout: Layout): Promise<string> {
  const names = await parent.names();
  const { train, test, folder, archive, python } = layout;
  if ([...train, test].some((name) => names.includes(name))) return '';
  if (names.includes(folder)) return `${folder}/`;
  if (names.includes(archive)) {
    missingFile(`${parent.path}/${archive}`, 'is packed', `Unpack it with tar -xzf ${archive}.`);
  }
  if (!names.includes(python.folder) && !containsAll(names, python.names)) return '';
  const pickle = names.includes(python.folder) ? python.folder : python.names[0];
  return invalidFile(
    `${parent.path}/${pickle}`,
    0,
    'it belongs to the Python version, whose files are pickles: reading one runs the code in it',
    `Use the binary version, ${archive}.`,
  );
}

interface RecordFile {
  readonly source: ByteSource;
  readonly labelBytes: number;
  readonly count: number;
  readonly labels: Int32Array;
}

async function openRecords(
  file: ByteSource,
  { labels: kinds, archive }: Layout,
  labels: Labels,
  inMemory: boolean,
): Promise<RecordFile> {
  const bytes = (['coarse', 'fine'] as const).flatMap((kind) => kinds[kind] ?? []);
  const recordBytes = bytes.length + imageBytes;
  await checkStart(file, archive);
  const count = Math.floor(file.size / recordBytes);
  if (count === 0 || file.size % recordBytes !== 0) {
    invalidFile(
      file.name,
      count * recordBytes,
      `its ${file.size} bytes are not a whole number of records of ${recordBytes} bytes`,
      `It is truncated, or of another version of CIFAR. ${again}`,
    );
  }
  const source = inMemory ? bytesOf(file.name, await file.read(0, file.size)) : file;
  const all = await readLabels(source, bytes, count);
  return {
    source,
    labelBytes: bytes.length,
    count,
    labels: all[bytes.indexOf(kinds[labels] as LabelByte)] as Int32Array,
  };
}

/** Says what a file is that can be no record, before its size is held against it. */
async function checkStart(file: ByteSource, archive: string): Promise<void> {
  const [first, second] = await file.read(0, Math.min(2, file.size));
  if (first === 0x80 && second !== undefined && second <= 5) {
    invalidFile(file.name, 0, 'it starts like a Python pickle', `Use the binary version, ${archive}.`);
  }
  if (first === 0x1f && second === 0x8b) invalidFile(file.name, 0, 'it is packed with gzip', 'Unpack it with gunzip.');
}

/** The labels of each label byte. */
async function readLabels(source: ByteSource, bytes: readonly LabelByte[], count: number): Promise<Int32Array[]> {
  const labels = bytes.map(() => new Int32Array(count));
  const recordBytes = bytes.length + imageBytes;
  for (let start = 0; start < count; start += labelRecords) {
    const length = Math.min(labelRecords, count - start);
    const chunk = await source.read(start * recordBytes, length * recordBytes);
    for (let i = 0; i < length; i++) {
      for (const [k, { classes }] of bytes.entries()) {
        const label = chunk[i * recordBytes + k] as number;
        if (label >= classes) {
          const offset = (start + i) * recordBytes + k;
          invalidFile(
            source.name,
            offset,
            `label ${start + i} is ${label}, not a class from 0 to ${classes - 1}`,
            again,
          );
        }
        (labels[k] as Int32Array)[start + i] = label;
      }
    }
  }
  return labels;
}

/** Files one after the other as one source. */
function sourceOf(files: readonly RecordFile[]): ExampleSource {
  const size = files.reduce((sum, { count }) => sum + count, 0);
  const labels = new Int32Array(size);
  let first = 0;
  const placed = files.map((file) => {
    labels.set(file.labels, first);
    first += file.count;
    return { ...file, first: first - file.count };
  });
  const read = async (indices: ArrayLike<number>): Promise<readonly Uint8Array[]> => {
    const images = new Array<Uint8Array>(indices.length);
    for (const { source, labelBytes, count, first } of placed) {
      const here = Array.from(indices, (index, place) => ({ record: index - first, place }));
      const asked = here.filter(({ record }) => record >= 0 && record < count);
      const offsets = asked.map(({ record }) => record * (labelBytes + imageBytes) + labelBytes);
      const found = await source.readMany(offsets, imageBytes);
      asked.forEach(({ place }, i) => (images[place] = channelsLast(found[i] as Uint8Array)));
    }
    return images;
  };
  return { size, labels, read };
}

function channelsLast(planes: Uint8Array): Uint8Array {
  const pixels = imageBytes / channels;
  const image = new Uint8Array(imageBytes);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < channels; c++) image[pixel * channels + c] = planes[c * pixels + pixel] as number;
  }
  return image;
}

async function readNames(file: ByteSource, classes: number): Promise<readonly string[]> {
  if (file.size > mostNameBytes) invalidFile(file.name, 0, `it has ${file.size} bytes, too many for names`, again);
  const bytes = await file.read(0, file.size);
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    invalidFile(file.name, 0, 'it is not UTF-8', again, error);
  }
  const names = text.split('\n').flatMap((line) => line.trim() || []);
  if (names.length !== classes) {
    invalidFile(file.name, 0, `it has ${names.length} names for ${classes} classes`, `Give one per line. ${again}`);
  }
  return names;
}

/** One at a time, so that no two large files are on their way at once. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
