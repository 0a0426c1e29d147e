import { describe, expect, it } from '@jest/globals';
import { partOfName } from './parts.js';

describe('partOfName', () => {
  it.each<[string, ReturnType<typeof partOfName>]>([
    ['train', 'train'],
    ['Training', 'train'],
    ['train_set', 'train'],
    ['TrainImages', 'train'],
    ['val', 'validation'],
    ['VALID', 'validation'],
    ['dev', 'validation'],
    ['testing', 'test'],
    ['Test Data', 'test'],
    ['trains', undefined],
    ['ant', undefined],
    ['contest', undefined],
    ['dataset', undefined],
    ['', undefined],
  ])('%s is %s', (name, part) => expect(partOfName(name)).toBe(part));
});
