import { checkCount } from '../errors/checks.js';

type Settled<T> = { readonly result: IteratorResult<T, unknown> } | { readonly error: unknown };

/**
 * Reads up to `count` items ahead while the consumer works on the one it has, in the same order.
 *
 * One item is requested at a time, as generators require; memory is `count` items in addition to the consumer's own. An
 * error of the source is thrown where its item would have come, after all items before it. When the consumer leaves
 * early, the source is closed, and items that were ready or on their way go to `discard`; `return()` resolves once that
 * is done.
 *
 * @param count positive integer.
 * @param discard frees an item that will not be delivered, such as `({ x, y }) => tf.dispose([x, y])`.
 * @throws FlatminError DATA_INVALID for another count.
 * @example
 * ```ts
 * for await (const { x, y } of prefetch(part.batches({ batchSize: 64 }), 2, ({ x, y }) => tf.dispose([x, y]))) {
 *   // while this batch trains, the next two are made
 *   tf.dispose([x, y]);
 * }
 * ```
 */
export function prefetch<T>(
  source: AsyncIterable<T>,
  count: number,
  discard: (item: T) => void = () => undefined,
): AsyncIterable<T> {
  checkCount('prefetch', count);
  return { [Symbol.asyncIterator]: () => new Prefetcher(source[Symbol.asyncIterator](), count, discard) };
}

class Prefetcher<T> implements AsyncIterator<T, void, undefined> {
  readonly #source: AsyncIterator<T>;
  readonly #count: number;
  readonly #discard: (item: T) => void;
  /** Requests made of the source and not handed out, oldest first; each waits for the one before it. */
  readonly #ahead: Promise<Settled<T>>[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(source: AsyncIterator<T>, count: number, discard: (item: T) => void) {
    this.#source = source;
    this.#count = count;
    this.#discard = discard;
  }

  async next(): Promise<IteratorResult<T, void>> {
    if (this.#closed) return { done: true, value: undefined };
    // The consumer's own item, and `count` behind it.
    while (this.#ahead.length <= this.#count) this.#request();
    const settled = await (this.#ahead.shift() as Promise<Settled<T>>);
    if (this.#closed) {
      // return() came while this was on its way.
      this.#drop(settled);
      return { done: true, value: undefined };
    }
    if ('result' in settled && settled.result.done !== true) return { done: false, value: settled.result.value };
    this.#closed = true;
    await this.#drain();
    if ('error' in settled) throw settled.error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, void>> {
    const first = !this.#closed;
    this.#closed = true;
    await this.#drain();
    if (first) await this.#source.return?.();
    return { done: true, value: undefined };
  }

  #request(): void {
    const settled = this.#last.then(async (): Promise<Settled<T>> => {
      if (this.#closed) return { result: { done: true, value: undefined } };
      try {
        return { result: await this.#source.next() };
      } catch (error) {
        return { error };
      }
    });
    this.#last = settled;
    this.#ahead.push(settled);
  }

  /** Waits for what is on its way, and lets go of it. */
  async #drain(): Promise<void> {
    for (const settled of this.#ahead.splice(0)) this.#drop(await settled);
    await this.#last;
  }

  #drop(settled: Settled<T>): void {
    if ('result' in settled && settled.result.done !== true) this.#discard(settled.result.value);
  }
}
