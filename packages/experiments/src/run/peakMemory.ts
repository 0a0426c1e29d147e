import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Starts to measure the most memory that this process has at a time; the function gives it, in bytes, since then. Only
 * Linux can begin anew in a process that has done other things before: elsewhere it is undefined, and not too much.
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
