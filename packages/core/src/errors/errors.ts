/**
 * Every code a {@link FlatminError} can carry. `docs/reference/errors.md` explains each; a test holds the two together.
 */
export const errorCodes = [
  'SPEC_INVALID',
  'PLUGIN_UNKNOWN',
  'PLUGIN_DUPLICATE',
  'PLUGIN_INVALID',
  'PLUGIN_API_VERSION',
  'PLUGIN_LATE',
  'PLUGIN_MISSING_DEPENDENCY',
  'PLUGIN_NOT_LOADED',
  'PLUGIN_FAULTY',
  'CORE_DUPLICATE',
  'BASE_MISSING',
  'BASE_UNSUITABLE',
  'BASE_NOT_SERIALIZABLE',
  'CONTAINER_MISSING',
  'VALIDATION_LOSS_MISSING',
  'BATCH_ACCESS_MISSING',
  'TOTAL_STEPS_MISSING',
  'RADIUS_NOT_LEARNABLE',
  'RADIUS_NOT_SETTABLE',
  'GRADIENTS_NOT_REGISTERED',
  'LOSS_INVALID',
  'VARIABLES_INVALID',
  'VARIABLES_CHANGED',
  'NON_FINITE',
  'STATE_MISMATCH',
  'STATE_INVALID',
  'SETTLE_FAILED',
  'CAPTURE_REFUSED',
  'OPTIMIZER_DISPOSED',
  'LAST_STEP_EXPIRED',
  'DATA_INVALID',
  'DATA_FILE_MISSING',
  'DATA_FILE_INVALID',
  'RUN_INVALID',
  'ANALYSIS_INVALID',
  'BACKEND_UNKNOWN',
  'BACKEND_UNAVAILABLE',
  'BACKEND_DUPLICATE',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** One problem of a spec or configuration: where it is, the value there, and what to write instead. */
export interface Problem {
  readonly path: string;
  readonly value: unknown;
  readonly message: string;
  readonly remedy: string;
  /** Of a problem with a code of its own, whose message says value and remedy too. */
  readonly code?: ErrorCode;
}

const brand = Symbol.for('@flatmin/core/FlatminError');

/**
 * The one error class of flatmin. Its message says what is wrong, the offending value and the remedy.
 *
 * @example
 * ```ts
 * try { createOptimizer({ use: 'smam' }); } catch (error) {
 *   if (isFlatminError(error) && error.code === 'PLUGIN_UNKNOWN') console.log(error.message);
 * }
 * ```
 */
export class FlatminError extends Error {
  override readonly name = 'FlatminError';
  readonly [brand] = true;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly problems?: readonly Problem[] } = {},
  ) {
    super(readable(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.problems = options.problems ?? [];
  }

  /** Every problem found, when the error is about a spec or configuration; else empty. */
  readonly problems: readonly Problem[];
}

/**
 * A message that stays one: a key, a name or a path out of a file may be a megabyte long, and every message may quote
 * one.
 */
function readable(message: string): string {
  const short = (text: string, length: number): string => `${text.slice(0, length)}... (${text.length} characters)`;
  return message
    .replace(/\S{2000,}/g, (word) => short(word, 200))
    .split('\n')
    .map((line) => (line.length > 10_000 ? short(line, 10_000) : line))
    .join('\n');
}

/** True for a {@link FlatminError} of any copy of this package (`instanceof` fails if two copies are installed). */
export function isFlatminError(error: unknown): error is FlatminError {
  return typeof error === 'object' && error !== null && brand in error;
}

/** A value as it reads in an error message: short, and with its type where that is not obvious. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || value === undefined || value === null || typeof value === 'boolean') {
    return String(value);
  }
  let text: string;
  try {
    text = JSON.stringify(value) ?? typeof value;
  } catch {
    text = `a ${typeof value}`;
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** What is wrong, what stands there, what to do: each once. */
function sentencesOf({ value, message, remedy, code }: Problem): string {
  if (code !== undefined) return `${message} (${code})`;
  return `${message}${value === undefined ? '' : ` (got ${show(value)})`}. ${remedy}`.trimEnd();
}

/** Throws all problems of a spec or configuration at once; returns when there is none. */
export function throwProblems(problems: readonly Problem[], what: string): void {
  if (problems.length > 0) throw problemsError(problems, what);
}

/** The error with everything that is wrong with a spec: SPEC_INVALID. */
export function problemsError(problems: readonly Problem[], what: string): FlatminError {
  const lines = problems.map((problem) => `  - ${problem.path || '(top)'}: ${sentencesOf(problem)}`);
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new FlatminError('SPEC_INVALID', `${what} has ${count}:\n${lines.join('\n')}`, { problems });
}
