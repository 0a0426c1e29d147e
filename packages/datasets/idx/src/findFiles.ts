import { type DataFolder, missingFile } from '@flatmin/data/node';
import { partsIn } from './fileNames.js';

/** Names of the files of one part. */
export interface PartFiles {
  readonly images: string;
  readonly labels: string;
}

/**
 * The files of a folder, in either way of naming them, packed or not: two for training, and two for test where either
 * is there.
 *
 * @throws FlatminError DATA_FILE_MISSING where one is missing, or several sets lie there and none was chosen.
 */
export async function filesOf(
  folder: DataFolder,
  prefix?: string,
): Promise<{ readonly train: PartFiles; readonly test?: PartFiles }> {
  const sets = partsIn(await folder.names());
  const prefixes = [...sets.keys()];
  if (prefix === undefined && prefixes.length > 1) {
    missingFile(folder.path, `several sets are here: ${prefixes.join(', ')}`, 'Choose one with `prefix`.');
  }
  const found = sets.get(prefix ?? prefixes[0] ?? '');
  const name = (part: 'train' | 'test', kind: 'images' | 'labels'): string =>
    found?.get(`${part} ${kind}`) ??
    missingFile(
      `${folder.path}/${prefix ?? ''}${part === 'test' ? 't10k' : part}-${kind}-idx${kind === 'images' ? 3 : 1}-ubyte`,
      'cannot be found, with or without .gz',
      'A part has two files, images and labels: train, and t10k (or test) unless test is held out of train.',
    );
  const files = (part: 'train' | 'test'): PartFiles => ({ images: name(part, 'images'), labels: name(part, 'labels') });
  const hasTest = found?.has('test images') === true || found?.has('test labels') === true;
  return { train: files('train'), ...(hasTest && { test: files('test') }) };
}
