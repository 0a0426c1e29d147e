import { type DataFolder, missingFile } from '@flatmin/data/node';
import { partsIn } from './fileNames.js';

/** Names of the files of one part. */
export interface PartFiles {
  readonly images: string;
  readonly labels: string;
}

/**
 * The four files of a folder, in either way of naming them, packed or not.
 *
 * @throws FlatminError DATA_FILE_MISSING where one is missing, or several sets lie there and none was chosen.
 */
export async function filesOf(
  folder: DataFolder,
  prefix?: string,
): Promise<{ readonly train: PartFiles; readonly test: PartFiles }> {
  const sets = partsIn(await folder.names());
  const prefixes = [...sets.keys()];
  if (prefix === undefined && prefixes.length > 1) {
    missingFile(folder.path, `several sets lie here: ${prefixes.join(', ')}`, 'Choose one with `prefix`.');
  }
  const found = sets.get(prefix ?? prefixes[0] ?? '');
  const name = (part: 'train' | 'test', kind: 'images' | 'labels'): string =>
    found?.get(`${part} ${kind}`) ??
    missingFile(
      `${folder.path}/${prefix ?? ''}${part === 'test' ? 't10k' : part}-${kind}-idx${kind === 'images' ? 3 : 1}-ubyte`,
      'is not there, nor as .gz',
      'A data set has four files: train and t10k, images and labels.',
    );
  const files = (part: 'train' | 'test'): PartFiles => ({ images: name(part, 'images'), labels: name(part, 'labels') });
  return { train: files('train'), test: files('test') };
}
