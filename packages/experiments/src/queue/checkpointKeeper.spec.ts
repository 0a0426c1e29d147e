import { expect, it } from '@jest/globals';
import { FlatminError } from '@flatmin/core';
import { CheckpointKeeper, isFinal } from './checkpointKeeper.js';
import { Waker } from './waker.js';

it('keeps one checkpoint at a time, with pauses of four times what it took', async () => {
  let [now, kept] = [0, 0];
  const resolves: (() => void)[] = [];
  const keep = (): Promise<void> => {
    kept += 1;
    return new Promise((resolve) => resolves.push(resolve));
  };
  const keeper = new CheckpointKeeper(
    keep,
    () => undefined,
    () => now,
  );
  keeper.onCheckpoint();
  keeper.onCheckpoint();
  expect(kept).toBe(1);
  now = 10;
  resolves.shift()?.();
  await keeper.idle();
  for (now of [10, 49]) keeper.onCheckpoint();
  expect(kept).toBe(1);
  now = 50;
  keeper.onCheckpoint();
  expect(kept).toBe(2);
});

it('tells what went wrong, and keeps the next one', async () => {
  const errors: unknown[] = [];
  let kept = 0;
  const failing = (): Promise<void> => (++kept === 1 ? Promise.reject(new Error('full')) : Promise.resolve());
  const keeper = new CheckpointKeeper(
    failing,
    (error) => errors.push(error),
    () => 0,
  );
  keeper.onCheckpoint();
  await keeper.idle();
  keeper.onCheckpoint();
  await keeper.idle();
  expect([kept, errors]).toEqual([2, [new Error('full')]]);
  expect(isFinal(errors[0])).toBe(false);
  expect(isFinal(new FlatminError('RUN_INVALID', 'too large'))).toBe(true);
});

it('wakes for what is due, and for all of it after a while, or where events may be lost', async () => {
  const { signal } = new AbortController();
  const waker = new Waker();
  setTimeout(() => ['a', undefined, 'b'].forEach((id) => waker.wake(id)), 5);
  expect(await waker.next(60_000, signal)).toEqual(new Set(['a', 'b']));
  waker.wake('c');
  expect(await waker.next(60_000, signal)).toEqual(new Set(['c']));
  setTimeout(() => waker.wakeAll(), 5);
  expect(await waker.next(60_000, signal)).toBe('all');
  expect(await waker.next(5, signal)).toBe('all');
  const interruption = new AbortController();
  setTimeout(() => interruption.abort(), 5);
  expect(await waker.next(60_000, interruption.signal)).toEqual(new Set());
});
