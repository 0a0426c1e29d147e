import { FlatminError, type Problem, throwProblems } from './errors.js';

/** The path of a value in a spec: its names and indices, joined by dots. */
export function joinPath(...parts: readonly string[]): string {
  return parts.filter(Boolean).join('.');
}

/** Collects what is wrong, so that all of it can be said at once. */
export class ProblemList {
  readonly all: Problem[] = [];
  #named: FlatminError | undefined;

  add(path: string, value: unknown, message: string, remedy: string): undefined {
    this.all.push({ path, value, message, remedy });
  }

  /** Adds the problems of the value at a path. */
  addAll(problems: readonly Problem[], path: string): void {
    for (const problem of problems) this.all.push({ ...problem, path: joinPath(path, problem.path) });
  }

  /** Adds an error that has a code of its own, which it keeps where nothing else is wrong. */
  addNamed(error: FlatminError, path: string, value: unknown): undefined {
    this.#named = error;
    this.all.push({ path, value, message: error.message, remedy: '', code: error.code });
    return undefined;
  }

  /** True where an error with a code of its own was found. */
  get hasNamed(): boolean {
    return this.#named !== undefined;
  }

  /** Throws everything found; returns when nothing was. */
  throwAll(what: string): void {
    const [only] = this.all;
    if (only?.code !== undefined && this.all.length === 1)
      throw this.#named ?? new FlatminError(only.code, only.message);
    throwProblems(this.all, what);
  }
}
