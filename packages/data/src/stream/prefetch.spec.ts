import { describe, expect, it } from '@jest/globals';
import { prefetch } from '../index.js';

/** Gives 0 to size - 1, and keeps a record of what happened. */
function counted(size: number, failAt = -1) {
  const log = { made: 0, closed: 0 };
  async function* source(): AsyncGenerator<number> {
    try {
      for (let i = 0; i < size; i++) {
        await Promise.resolve();
        if (i === failAt) throw new Error(`item ${i}`);
        log.made += 1;
        yield i;
      }
    } finally {
      log.closed += 1;
    }
  }
  return { log, source: source() };
}
const turn = () => new Promise((resume) => setTimeout(resume, 5));

describe('prefetch', () => {
  it('keeps the order, and ends', async () => {
    const { source, log } = counted(5);
    const seen: number[] = [];
    for await (const item of prefetch(source, 2)) seen.push(item);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(log).toEqual({ made: 5, closed: 1 });
  });

  it('makes exactly count items while the consumer works', async () => {
    const { source, log } = counted(10);
    const iterator = prefetch(source, 3)[Symbol.asyncIterator]();
    await iterator.next();
    await turn();
    expect(log.made).toBe(4);
    await iterator.next();
    await turn();
    expect(log.made).toBe(5);
    await iterator.return?.();
  });

  it('discards what nobody gets, and closes the source, when the loop is left', async () => {
    const { source, log } = counted(10);
    const seen: number[] = [];
    const discarded: number[] = [];
    for await (const item of prefetch(source, 2, (each) => discarded.push(each))) {
      seen.push(item);
      if (item === 1) break;
    }
    // Nothing is made twice or lost: what was made was seen or discarded.
    expect([...seen, ...discarded]).toEqual(Array.from({ length: log.made }, (_, i) => i));
    expect(seen).toEqual([0, 1]);
    expect(log.closed).toBe(1);
  });

  it('gives all items before an error, then the error, then the end', async () => {
    const { source, log } = counted(10, 3);
    const iterator = prefetch(source, 4)[Symbol.asyncIterator]();
    for (const expected of [0, 1, 2]) expect(await iterator.next()).toEqual({ done: false, value: expected });
    await expect(iterator.next()).rejects.toThrow('item 3');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(log.closed).toBe(1);
  });

  it('answers a next() that waits when return() comes, and keeps its item from leaking', async () => {
    const discarded: number[] = [];
    async function* slow(): AsyncGenerator<number> {
      await new Promise((resume) => setTimeout(resume, 20));
      yield 0;
    }
    const iterator = prefetch(slow(), 1, (each) => discarded.push(each))[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await turn();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(discarded).toEqual([0]);
  });

  it('closes the source once, though return() is called twice or before any item', async () => {
    const log = { returns: 0 };
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: 1 }),
        return: async () => ((log.returns += 1), { done: true as const, value: undefined }),
      }),
    };
    const iterator = prefetch(source, 1)[Symbol.asyncIterator]();
    await iterator.return?.();
    await iterator.return?.();
    expect(log.returns).toBe(1);
  });

  it.each([0, -1, 1.5])('refuses a count of %p', (count) => {
    expect(() => prefetch(counted(1).source, count)).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
  });
});
