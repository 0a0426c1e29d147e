import type { RandomStream } from '@flatmin/core';

/**
 * Shuffles a sequence that can only be read in order, holding `capacity` items: each new item replaces a random one,
 * which is emitted; at the end the rest is emitted in random order.
 *
 * No item is emitted more than `capacity - 1` places before its own, so a sorted file stays nearly sorted under a small
 * buffer. With a capacity of at least the length it is a uniform shuffle. The order depends on the stream alone, not on
 * time.
 *
 * @param capacity positive integer; memory is that many items.
 */
export async function* shuffleBuffer<T>(
  source: AsyncIterable<T> | Iterable<T>,
  capacity: number,
  random: RandomStream,
): AsyncGenerator<T, void, undefined> {
  const uniform = random.at('buffer').generator();
  const held: T[] = [];
  for await (const item of source) {
    if (held.length < capacity) {
      held.push(item);
      continue;
    }
    const place = Math.floor(uniform() * capacity);
    const out = held[place] as T;
    held[place] = item;
    yield out;
  }
  const order = random.at('rest').permutation(held.length);
  for (const place of order) yield held[place] as T;
}
