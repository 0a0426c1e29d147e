import { validated } from '@flatmin/core/internal';
import { throwProblems } from '@flatmin/core/plugin';
import type * as z from 'zod';

/**
 * Options with their defaults.
 *
 * @param name of the function that takes them.
 * @throws FlatminError SPEC_INVALID with all that is wrong with them.
 */
export function checkedOptions<S extends z.ZodType>(schema: S, options: unknown, name: string): z.output<S> {
  const { output, problems } = validated(schema, options, { name });
  throwProblems(problems, `${name}()`);
  return output as z.output<S>;
}
