/** Set to anything, it adds stack traces to the errors that say all in their message. */
const debugVariable = 'FLATMIN_DEBUG';

/**
 * An error as the command line shows it. Errors of flatmin (they have a code) say what is wrong and what to do, so
 * their stack would only bury that; any other error is a defect, and then the stack is what a report needs.
 */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return `flatmin: ${String(error)}`;
  const coded = 'code' in error && typeof error.code === 'string';
  if (coded && process.env[debugVariable] === undefined) return `flatmin: ${error.message}`;
  return `flatmin: ${error.stack ?? error.message}`;
}
