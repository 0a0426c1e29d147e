import { brief } from './reference/deviation.js';

/** The promises of design, in order; the README has a row for each. */
export const checkIds = [
  'C1',
  'C2',
  'C3',
  'C4',
  'C5',
  'C6',
  'C7',
  'C8',
  'C9',
  'C10',
  'C11',
  'C12',
  'C13',
  'C14',
  'C15',
  'C16',
  'C17',
  'C18',
] as const;
export type CheckId = (typeof checkIds)[number];

/** One broken promise: which, in which case, and by how much. */
export interface Finding {
  readonly check: CheckId;
  /** Begins with the check and the case: `C14 sam-sgd: parameters off by 3.1e-3 at step 4, tolerance 2e-6`. */
  readonly message: string;
}

/** A check that turned out to have nothing to try, and why. */
export class NotTried {
  constructor(readonly reason: string) {}
}

/** Collects what one check finds. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #check: CheckId;

  constructor(check: CheckId) {
    this.#check = check;
  }

  /** A broken promise in the named case. */
  add(where: string, what: string): void {
    this.list.push({ check: this.#check, message: `${this.#check} ${where}: ${what}` });
  }

  /** A finding unless `by` is within `tolerance`; a NaN never is. */
  within(where: string, what: string, by: number, tolerance: number): void {
    if (by <= tolerance) return;
    this.add(where, `${what} off by ${brief(by)}, tolerance ${brief(tolerance)}`);
  }

  /** Runs a part of the check; what it throws is a finding too, so that the other parts still run. */
  async attempt(where: string, part: () => void | Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      this.add(where, `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
    }
  }
}

/** 1 tensor, 2 tensors. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
