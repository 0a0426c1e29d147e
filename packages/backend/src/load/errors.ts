/** Why a backend could not be had. A closed list: the README documents each code. */
export const BACKEND_ERROR_CODES = ['BACKEND_UNKNOWN', 'BACKEND_UNAVAILABLE', 'BACKEND_DUPLICATE'] as const;
export type BackendErrorCode = (typeof BACKEND_ERROR_CODES)[number];

const BRAND = Symbol.for('@flatmin/backend/BackendError');

/** Thrown by `loadBackend`. Its message says what failed, with which value, and what to do about it. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
  readonly code: BackendErrorCode;
  /** Marks the class across copies of this package, where `instanceof` would say no. */
  readonly [BRAND] = true;

  constructor(code: BackendErrorCode, message: string, options?: ErrorOptions) {
    super(`${message} [${code}]`, options);
    this.code = code;
  }

  /** True for a `BackendError` of any copy of this package. */
  static is(value: unknown): value is BackendError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** The first line of whatever was thrown, as text that fits in a message. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error || isErrorLike(thrown) ? thrown.message : String(thrown);
  return (text.split('\n')[0] ?? '').trim();
}

// An error from another realm (jest's sandbox, a worker) is no `instanceof Error` here.
function isErrorLike(value: unknown): value is { message: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
