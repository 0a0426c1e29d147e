import { isFlatminError } from '@flatmin/core';
import { codeOf, type DataFolder, invalidFile, missingFile } from '@flatmin/data/node';
import { classArchive, flatTest, flatValidation, isVisible, kindOf } from './names.js';
import { partFolders } from './partFolders.js';

/** Folders below that of a class, such as `images` in Tiny ImageNet. */
const mostDepth = 3;

/** The images of a part: paths in the folder, sorted within their class, and the class of each. */
export interface ImageList {
  readonly files: readonly string[];
  readonly labels: Int32Array;
}

export interface ImageLists {
  /** Sorted by code units; their places are the labels. */
  readonly classNames: readonly string[];
  readonly train: ImageList;
  readonly validation?: ImageList;
  readonly test?: ImageList;
}

/**
 * Finds the images of a folder by their names; opens none. `train` holds a folder for each class, so do `val` and
 * `test` where they are there (in any case, and `training`, `valid`, `testing` as well); without all three the classes
 * lie in the folder itself. One part beside `train` is the test part, whatever its name, as it is used in papers: the
 * labels of ILSVRC's own test images are not public. These, in one flat folder, are left out.
 *
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID where a layout is not that, with what to do.
 */
export async function listImages(folder: DataFolder): Promise<ImageLists> {
  const parts = partFolders(folder.path, await folder.names());
  const classes = await classFolders(folder, parts.train ?? '.');
  if (classes.length < 2) {
    invalidFile(folder.path, 0, `${classes.length} folders of images are here`, 'Put the images of each class in one.');
  }
  const classNames = classes.map(({ name }) => name);
  const train = toList(classes, classNames);
  const [validation, test] = await Promise.all(
    (['validation', 'test'] as const).map(async (part) => {
      const name = parts[part];
      return name === undefined || (await isUnlabelled(folder, name)) ? undefined : otherPart(folder, name, classNames);
    }),
  );
  if (validation && test) return { classNames, train, validation, test };
  const only = validation ?? test;
  return { classNames, train, ...(only && { test: only }) };
}

interface ClassFolder {
  readonly name: string;
  readonly files: readonly string[];
}

async function isUnlabelled(folder: DataFolder, part: string): Promise<boolean> {
  return (await folder.names(part)).some((name) => flatTest.test(name));
}

async function otherPart(folder: DataFolder, part: string, classNames: readonly string[]): Promise<ImageList> {
  const classes = await classFolders(folder, part);
  for (const { name } of classes) {
    if (classNames.includes(name)) continue;
    invalidFile(`${folder.path}/${part}/${name}`, 0, 'train does not have this class', 'Add a folder for it to train.');
  }
  return toList(classes, classNames);
}

function toList(classes: readonly ClassFolder[], classNames: readonly string[]): ImageList {
  return {
    files: classes.flatMap(({ files }) => files),
    labels: Int32Array.from(
      classes.flatMap(({ name, files }) => new Array<number>(files.length).fill(classNames.indexOf(name))),
    ),
  };
}

async function classFolders(folder: DataFolder, part: string): Promise<readonly ClassFolder[]> {
  const at = part === '.' ? '' : `${part}/`;
  const names = (await folder.names(part)).filter(isVisible);
  refuseFlat(`${folder.path}/${part}`, names);
  const classes: ClassFolder[] = [];
  for (const name of names) {
    // An ending does not tell here: a class may be called `v1.0`.
    const files = await imagesBelow(folder, `${at}${name}`, mostDepth);
    if (files === undefined) continue;
    if (files.length === 0) {
      missingFile(
        `${folder.path}/${at}${name}`,
        'this class has no JPEG or PNG image',
        'Fill the folder, or remove it.',
      );
    }
    classes.push({ name, files });
  }
  return classes;
}

/** Says what a folder is in which images or archives lie where folders of classes should be. */
function refuseFlat(path: string, names: readonly string[]): void {
  const archive = names.find((name) => classArchive.test(name));
  if (archive !== undefined) {
    const unpack = 'for f in n*.tar; do mkdir "${f%.tar}" && tar -xf "$f" -C "${f%.tar}" && rm "$f"; done';
    invalidFile(
      `${path}/${archive}`,
      0,
      'the classes are still packed',
      `Unpack each into a folder of its name: ${unpack}`,
    );
  }
  const image = names.find((name) => kindOf(name) === 'image');
  if (image === undefined) return;
  if (flatValidation.test(image)) {
    invalidFile(
      `${path}/${image}`,
      0,
      'this is the folder of ILSVRC validation images as it is unpacked, and their names do not show their classes',
      'Move each into a folder named by its class, such as val/n01751748/ILSVRC2012_val_00000001.JPEG. Line i of ' +
        'ILSVRC2012_validation_ground_truth.txt in the development kit is the ILSVRC2012_ID of image i, and meta.mat there its WNID; ' +
        'the script valprep.sh that is in use for PyTorch does the same.',
    );
  }
  invalidFile(
    `${path}/${image}`,
    0,
    'it is not in the folder of a class',
    'Move each image into a folder named by its class.',
  );
}

/**
 * The images of a folder that is of no class, and those below it, sorted by path.
 *
 * @throws FlatminError DATA_FILE_MISSING where there is none.
 */
export async function listAnyImages(folder: DataFolder): Promise<readonly string[]> {
  const files = ((await imagesBelow(folder, '.', mostDepth)) ?? []).map((file) => file.slice('./'.length));
  return files.length > 0 ? files : missingFile(folder.path, 'has no JPEG or PNG image', 'Give another folder.');
}

/** Paths of the images in a folder and those below it; undefined where it is a file. */
async function imagesBelow(folder: DataFolder, path: string, depth: number): Promise<string[] | undefined> {
  const names = await folder.names(path).catch((error: unknown) => {
    if (isFlatminError(error) && codeOf(error.cause) === 'ENOTDIR') return undefined;
    throw error;
  });
  const files: string[] = [];
  for (const name of (names ?? []).filter(isVisible)) {
    const kind = kindOf(name);
    if (kind === 'otherImage') {
      invalidFile(
        `${folder.path}/${path}/${name}`,
        0,
        'it is of a format that is not decoded',
        'Convert it to JPEG or PNG.',
      );
    }
    if (kind === 'image') files.push(`${path}/${name}`);
    if (kind === 'folder' && depth > 0) {
      // One by one: a call takes some hundred thousand arguments at most, and a folder may hold more images.
      for (const file of (await imagesBelow(folder, `${path}/${name}`, depth - 1)) ?? []) files.push(file);
    }
  }
  return names && files;
}
