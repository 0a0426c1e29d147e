import { partOfName } from '@flatmin/data';

/** The flat folders of ILSVRC as they are unpacked: their images carry no class. */
export const flatValidation = /^ILSVRC2012_val_\d{8}\.JPEG$/i;
export const flatTest = /^ILSVRC2012_test_\d{8}\.JPEG$/i;
/** ILSVRC's training images come as an archive for each class. */
export const classArchive = /^n\d{8}\.tar$/;

const decoded = ['jpg', 'jpeg', 'png'];
/** Images that would be missed silently. */
const others = ['webp', 'gif', 'bmp', 'tif', 'tiff', 'avif', 'heic', 'jp2', 'ppm', 'pgm', 'pbm'];

/** What a name tells: an image that is decoded, one that is not, something else with an ending, or perhaps a folder. */
export function kindOf(name: string): 'image' | 'otherImage' | 'file' | 'folder' {
  const ending = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase();
  if (ending === undefined) return 'folder';
  if (decoded.includes(ending)) return 'image';
  return others.includes(ending) ? 'otherImage' : 'file';
}

/**
 * Names that operating systems leave begin with a dot, as `.DS_Store`, but for the folder that macOS packs into
 * archives.
 */
export const isVisible = (name: string): boolean => !name.startsWith('.') && name !== '__MACOSX';

/** Whether a folder's names are those of classes or parts; `{}`, since they tell no options. */
export function detect(names: readonly string[]): Record<string, never> | undefined {
  const visible = names.filter(isVisible);
  const parts = visible.filter((name) => kindOf(name) === 'folder').map(partOfName);
  // `meta` stands beside `train` and `test` where these are the pickles of CIFAR-100.
  if (parts.includes('train') && visible.includes('meta')) return undefined;
  if (parts.includes('train') && (parts.includes('validation') || parts.includes('test'))) return {};
  if (visible.some((name) => flatValidation.test(name) || classArchive.test(name))) return {};
  const folders = visible.filter((name) => kindOf(name) === 'folder');
  return visible.length >= 2 && folders.length === visible.length ? {} : undefined;
}
