import { expect, it } from '@jest/globals';
import { onInterruption } from './interruption.js';

it('case 33: after the first signal a second one, whichever, is the system’s: it ends the process at once', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = signals.map((signal) => process.listenerCount(signal));
  const interruption = onInterruption();
  expect(interruption.exitCode).toBeUndefined();
  process.emit('SIGTERM', 'SIGTERM');
  expect(interruption).toMatchObject({ exitCode: 143, signal: { aborted: true } });
  expect(signals.map((signal) => process.listenerCount(signal))).toEqual(before);
});
