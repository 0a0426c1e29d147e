import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The host as part of the name of a file. */
export const hostName = hostname().replaceAll(/[^\w-]/g, '-');

/** State and start of a process, where the system tells them: Linux does. */
function statOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Its name comes before these, in parentheses, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] as string, start: `${boot}/${fields[19]}` };
  } catch {
    return undefined;
  }
}

/**
 * When a process started, to tell it from a later one that got its number; undefined where the system does not tell.
 */
export const startOfProcess = (pid: number): string | undefined => statOf(pid)?.start;

/** Whether a process of this host is alive. One that was killed and that nobody has waited for is not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !['Z', 'X'].includes(statOf(pid)?.state ?? '');
}
