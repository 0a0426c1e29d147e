import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Starts to measure the peak memory of this process; the function returns the peak since then, in bytes. Only Linux can
 * reset the peak of a process that has done other work before: elsewhere the result is undefined rather than too large.
 */
export function peakMemory(): () => number | undefined {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return () => undefined;
  }
  return () => {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
  };
}
