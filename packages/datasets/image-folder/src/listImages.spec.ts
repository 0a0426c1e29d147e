import { memoryFolder } from '@flatmin/data/node';
import { describe, expect, it } from '@jest/globals';
import { listImages } from './listImages.js';
import { detect } from './names.js';

const list = (...files: string[]) =>
  listImages(memoryFolder('set', Object.fromEntries(files.map((name) => [name, new Uint8Array(1)]))));

describe('listImages', () => {
  it('sorts classes and files by name, whatever the order in which they come', async () => {
    const found = await list('train/b/2.JPEG', 'train/b/10.jpg', 'train/a/x.PNG', 'val/b/1.jpeg', 'val/a/1.png');
    expect(found.classNames).toEqual(['a', 'b']);
    expect(found.train.files).toEqual(['train/a/x.PNG', 'train/b/10.jpg', 'train/b/2.JPEG']);
    expect([...found.train.labels]).toEqual([0, 1, 1]);
    expect(found.test?.files).toEqual(['val/a/1.png', 'val/b/1.jpeg']);
    expect(found.validation).toBeUndefined();
  });

  it.each([
    [
      ['train', 'val', 'test'],
      ['val', 'test'],
    ],
    [
      ['train', 'validation', 'test'],
      ['validation', 'test'],
    ],
    [
      ['train', 'valid'],
      [undefined, 'valid'],
    ],
    [
      ['train', 'test'],
      [undefined, 'test'],
    ],
    [['train'], [undefined, undefined]],
  ])('of the folders %j makes validation and test %j', async (parts, [validation, test]) => {
    const found = await list(...parts.flatMap((part) => [`${part}/a/1.png`, `${part}/b/1.png`]));
    const folderOf = (files?: readonly string[]) => files?.[0]?.split('/')[0];
    expect([folderOf(found.validation?.files), folderOf(found.test?.files)]).toEqual([validation, test]);
    expect(folderOf(found.train.files)).toBe('train');
  });

  it.each([
    ['Train', 'Test'],
    ['training', 'testing'],
    ['TRAIN', 'Val'],
    ['train_set', 'test_set'],
    ['train-images', 'dev'],
  ])('case 10: takes %s and %s as parts, not as classes', async (train, test) => {
    const found = await list(`${train}/a/1.png`, `${train}/b/1.png`, `${test}/b/1.png`);
    expect(found.classNames).toEqual(['a', 'b']);
    expect(found.train.files).toEqual([`${train}/a/1.png`, `${train}/b/1.png`]);
    expect([found.test?.files, [...(found.test?.labels ?? [])]]).toEqual([[`${test}/b/1.png`], [1]]);
    expect(detect([train, test])).toEqual({});
  });

  it('case 10: refuses parts without train, and two folders of one part', async () => {
    await expect(list('Test/a/1.png', 'Valid/b/1.png')).rejects.toThrow(
      /has a folder (Test|Valid) and none for training/,
    );
    await expect(list('ant/1.png', 'bee/1.png', 'test/1.png')).rejects.toMatchObject({ code: 'DATA_FILE_MISSING' });
    const twice = list('Train/a/1.png', 'Train/b/1.png', 'training/a/1.png');
    await expect(twice).rejects.toThrow(/both Train and training are folders for train/);
  });

  it('case 36: passes over what macOS packs beside the images', async () => {
    const found = await list('a/1.png', 'b/1.png', '__MACOSX/a/._1.png', 'a/__MACOSX/._1.png', '.DS_Store');
    expect([found.classNames, found.train.files]).toEqual([
      ['a', 'b'],
      ['a/1.png', 'b/1.png'],
    ]);
    expect(detect(['a', 'b', '__MACOSX'])).toEqual({});
  });

  it('takes folders of classes alone, and folders below them', async () => {
    const found = await list(
      'a/images/1.jpg',
      'a/images/deep/2.jpg',
      'b/1.jpg',
      'b/1.txt',
      'b/.hidden.jpg',
      '.git/1.jpg',
    );
    expect(found.train.files).toEqual(['a/images/1.jpg', 'a/images/deep/2.jpg', 'b/1.jpg']);
    expect([found.classNames, found.validation, found.test]).toEqual([['a', 'b'], undefined, undefined]);
  });

  it('keeps the labels of train where another part lacks a class', async () => {
    const { test } = await list('train/a/1.jpg', 'train/b/1.jpg', 'train/c/1.jpg', 'val/c/1.jpg', 'val/a/1.jpg');
    expect([...(test?.labels ?? [])]).toEqual([0, 2]);
  });

  it('leaves out the test images of ILSVRC, which have no labels', async () => {
    const parts = ['train/a/1.jpg', 'train/b/1.jpg', 'val/a/1.jpg', 'test/ILSVRC2012_test_00000001.JPEG'];
    expect((await list(...parts)).test?.files).toEqual(['val/a/1.jpg']);
  });

  it.each<[string, string[], string, RegExp]>([
    [
      'the flat validation folder of ILSVRC',
      ['ILSVRC2012_val_00000001.JPEG', 'ILSVRC2012_val_00000002.JPEG'],
      'DATA_FILE_INVALID',
      /val_00000001\.JPEG.*Move each into a folder named by its class.*ground_truth\.txt/,
    ],
    [
      'the same beside train',
      ['train/n1/1.JPEG', 'train/n2/1.JPEG', 'val/ILSVRC2012_val_00000001.JPEG'],
      'DATA_FILE_INVALID',
      /set\/val\/ILSVRC2012_val_00000001.*as it is unpacked/,
    ],
    ['packed classes', ['train/n01440764.tar', 'train/n01443537.tar'], 'DATA_FILE_INVALID', /still packed.*tar -xf/],
    ['images without classes', ['1.png', '2.png'], 'DATA_FILE_INVALID', /1\.png.*is not in the folder of a class/],
    ['one class', ['a/1.png'], 'DATA_FILE_INVALID', /1 folders of images/],
    ['no images', ['a/1.txt', 'b/1.png'], 'DATA_FILE_MISSING', /set\/a: this class has no JPEG or PNG image/],
    ['another format', ['a/1.png', 'b/1.webp'], 'DATA_FILE_INVALID', /b\/1\.webp.*not decoded.*Convert it/],
    ['a class that train has not', ['train/a/1.png', 'train/b/1.png', 'val/c/1.png'], 'DATA_FILE_INVALID', /val\/c/],
  ])('refuses %s by name and remedy', async (_, files, code, message) => {
    await expect(list(...files)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('detect', () => {
  it.each<[boolean, string[]]>([
    [true, ['train', 'val']],
    [true, ['.DS_Store', 'LICENSE.txt', 'test', 'train']],
    [true, ['n01440764', 'n01443537']],
    [true, ['ant', 'bee', '.git']],
    [true, ['ILSVRC2012_val_00000001.JPEG']],
    [false, ['train', 'test', 'meta']],
    [false, ['train.tsv', 'dev.tsv', 'test.tsv']],
    [false, ['ca01', 'ca02', 'cats.txt']],
    [false, ['images']],
    [false, []],
  ])('%p for %j', (expected, names) => expect(detect(names)).toEqual(expected ? {} : undefined));
});
