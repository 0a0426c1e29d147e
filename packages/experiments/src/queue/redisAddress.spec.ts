import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { placeOf, redisAddress, withoutPassword } from './redisAddress.js';

describe('the address of a Redis', () => {
  it.each([
    ['redis://one', { host: 'one', port: 6379, db: 0 }, 'redis://one:6379'],
    ['redis://one:7000/3', { host: 'one', port: 7000, db: 3 }, 'redis://one:7000/3'],
    ['redis://[::1]:7000/', { host: '::1', port: 7000, db: 0 }, 'redis://[::1]:7000'],
    ['rediss://one', { host: 'one', port: 6379, db: 0, tls: { servername: 'one' } }, 'rediss://one:6379'],
    ['rediss://10.0.0.1', { host: '10.0.0.1', port: 6379, db: 0, tls: {} }, 'rediss://10.0.0.1:6379'],
    [
      'redis://ann:p%40ss%2F@one',
      { host: 'one', port: 6379, db: 0, username: 'ann', password: 'p@ss/' },
      'redis://one:6379',
    ],
    ['redis://:secret@one', { host: 'one', port: 6379, db: 0, password: 'secret' }, 'redis://one:6379'],
  ])('%s', (url, expected, place) => {
    expect(redisAddress(url, {})).toEqual(expected);
    expect(placeOf(redisAddress(url, {}))).toBe(place);
  });

  it('comes from the environment where the URL leaves it out', () => {
    const env = {
      FLATMIN_REDIS_URL: 'redis://one:7000',
      FLATMIN_REDIS_USERNAME: 'ann',
      FLATMIN_REDIS_PASSWORD: 'hidden',
    };
    const expected = { host: 'one', port: 7000, db: 0, username: 'ann', password: 'hidden' };
    expect(redisAddress(undefined, env)).toEqual(expected);
    expect(redisAddress('redis://two', env)).toMatchObject({ host: 'two', username: 'ann', password: 'hidden' });
    expect(redisAddress('redis://bob:own@two', env)).toMatchObject({ username: 'bob', password: 'own' });
  });

  it.each([
    [undefined, /there is no Redis address.*FLATMIN_REDIS_URL/],
    ['', /there is no Redis address/],
    ['localhost:6379', /is not a Redis URL\. Write redis:\/\/host:port/],
    ['http://secret@one', /is not a Redis URL/],
    ['redis://secret@', /is not a Redis URL/],
    ['redis://:secret@one/runs', /^redis:\/\/one is followed by something that is not a database number/],
    ['redis://:secret@one/0?family=6', /^redis:\/\/one is followed by options, which are not supported/],
    ['redis://:secret%@one', /has a % that is not written as %25/],
  ])('%j is refused', (url, message) => {
    expect(() => redisAddress(url, {})).toThrow(message);
    expect(() => redisAddress(url, {})).not.toThrow(/secret/);
  });

  it('is never shown with its password, whatever characters it has, written as it is or as in a URL', () => {
    const anyPassword = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => !'redis://one:6379 <***>'.includes(text));
    fc.assert(
      fc.property(anyPassword, (password) => {
        const written = encodeURIComponent(password);
        const address = redisAddress(`redis://:${written}@one`, {});
        expect(address.password).toBe(password);
        expect(placeOf(address)).toBe('redis://one:6379');
        expect(withoutPassword(`<${password}>`, address)).toBe('<***>');
        expect(withoutPassword(`<${written}>`, address)).toBe('<***>');
      }),
    );
    expect(withoutPassword('text', {})).toBe('text');
  });
});
