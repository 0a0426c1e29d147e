import * as z from 'zod';
import { joinPath } from './options.js';
import type { ProblemList } from './problemList.js';

/** What stands once in an optimizer spec, at whatever level. */
export const sharedOptions = ['base', 'clipNorm', 'accumulate', 'guard', 'seed'] as const;
export type SharedOption = (typeof sharedOptions)[number];

/** What every variant takes beside its own options. */
export const variantOptions = ['every', 'start', 'end', 'microBatches'] as const;

/** The options that core itself understands. */
export const levelSchemas = {
  clipNorm: z.number().positive().describe('a positive number; the final gradient is scaled down to this norm, once.'),
  accumulate: z
    .number()
    .int()
    .min(1)
    .describe('a whole number from 1; every pass of a step goes over the batch in that many micro-batches.'),
  guard: z
    .boolean()
    .describe('true refuses a non-finite loss or gradient before anything changes; reads one scalar a step.'),
  seed: z
    .number()
    .int()
    .min(0)
    .describe('a whole number that is not negative; fixes every random number of the optimizer.'),
  variant: z
    .strictObject({
      every: z.number().int().min(1).optional(),
      start: z.number().int().min(0).optional(),
      end: z.number().int().min(1).optional(),
      microBatches: z.number().int().min(1).optional(),
    })
    .refine(({ start = 0, end = Infinity }) => end > start, {
      message: 'end must be larger than start',
      path: ['end'],
    }),
};

/** Reads what every variant takes; undefined, and the problems noted, where it is not valid. */
export function parseVariantSettings(
  given: Record<string, unknown>,
  path: string,
  problems: ProblemList,
): z.infer<typeof levelSchemas.variant> | undefined {
  const parsed = levelSchemas.variant.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    const key = String(issue.path[0] ?? 'end');
    const remedy =
      key === 'microBatches'
        ? 'microBatches is the number of parts of a batch, a whole number from 1.'
        : 'every, start and end are whole numbers of steps; end is larger than start.';
    problems.add(joinPath(path, key), given[key], issue.message, remedy);
  }
  return parsed.data;
}

/** What the levels of a spec share, and where each stood. */
export class SharedOptions {
  readonly given: Partial<Record<SharedOption, { readonly value: unknown; readonly path: string }>> = {};
  readonly #problems: ProblemList;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  /** Takes an option; refuses the second of a kind, and values out of range. */
  take(key: SharedOption, value: unknown, path: string): void {
    const first = this.given[key];
    if (first !== undefined) {
      this.#problems.add(path, value, `${key} stands at ${first.path} already`, `Give ${key} once, at any level.`);
      return;
    }
    this.given[key] = { value, path };
    if (key === 'base') return;
    const { error } = levelSchemas[key].safeParse(value);
    if (error === undefined) return;
    const { description } = levelSchemas[key];
    this.#problems.add(path, value, error.issues[0]?.message ?? 'is not valid', `${key}: ${description}`);
  }

  /** What a recipe takes over as it stands. */
  settings(): { clipNorm?: number; accumulate?: number; guard?: boolean; seed?: number } {
    const entries = Object.entries(this.given).filter(([key]) => key !== 'base');
    return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
  }
}
