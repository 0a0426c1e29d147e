import { describe, expect, it } from '@jest/globals';
import { CreateError } from './createError.js';
import { namesOf } from './names.js';

describe('names', () => {
  it.each([
    ['my-sam', 'my-sam', 'mySam'],
    ['flatmin-my-sam', 'my-sam', 'mySam'],
    ['@acme/flatmin-my-sam', 'my-sam', 'mySam'],
    ['@acme/sam2-b', 'sam2-b', 'sam2B'],
    ['@flat.min_/usam', 'usam', 'usam'],
  ])('%s gives the id %s, and %s in code', (packageName, id, camel) => {
    expect(namesOf(packageName)).toEqual({ packageName, id, camel });
  });

  it('takes an id of your own, for a package that is named otherwise', () => {
    expect(namesOf('sam.js', 'my-sam')).toEqual({ packageName: 'sam.js', id: 'my-sam', camel: 'mySam' });
  });

  it.each([
    ['My-Sam', /"My-Sam" is not a valid package name: use lower-case/],
    ['', /"" is not a valid package name/],
    ['../my-sam', /is not a valid package name/],
    ['@acme/', /is not a valid package name/],
    ['a'.repeat(215), /is not a valid package name/],
    ['sam.js', /"sam.js" is not a valid variant id: .*--id/],
    ['my_sam', /"my_sam" is not a valid variant id/],
    ['2-sam', /"2-sam" is not a valid variant id: .* a letter first/],
    ['my--sam', /"my--sam" is not a valid variant id/],
    ['flatmin-', /"" is not a valid variant id/],
    ['new', /"new" cannot be an id: new has another meaning in code/],
    ['await', /"await" cannot be an id/],
    ['flatmin-radius', /"radius" cannot be an id/],
    ['variant-factory', /variantFactory has another meaning/],
  ])('refuses %j', (packageName, message) => {
    expect(() => namesOf(packageName)).toThrow(CreateError);
    expect(() => namesOf(packageName)).toThrow(message);
  });
});
