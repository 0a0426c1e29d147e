import { earlyStoppingSchema } from '@flatmin/training';
import * as z from 'zod';
import { runConfigSchema, spec } from '../config/runConfig.js';

const count = z.int().min(1);
const path = z.string().min(1);

/** The values of a swept path. */
export const axisSchema = z.union([
  z.array(z.unknown()).min(1, 'has no values'),
  z.strictObject({
    from: z.number().describe('the first value'),
    to: z.number().describe('the last value'),
    steps: z.int().min(2).max(10_000).describe('number of values, including both ends'),
    scale: z
      .enum(['linear', 'log'])
      .default('linear')
      .describe('log: each value is the one before times the same factor'),
  }),
  z.strictObject({
    named: z
      .record(z.string().min(1), z.unknown())
      .refine((values) => Object.keys(values).length > 0, 'has no values')
      .describe('values under the names that tables show'),
  }),
]);

export type AxisSpec = z.output<typeof axisSchema>;

/** How an option is chosen on held-out data. */
export const selectSchema = z.strictObject({
  // What may decide when a run ends may decide this: never the test part.
  metric: earlyStoppingSchema.shape.metric
    .unwrap()
    .describe('the metric that decides, such as validation.accuracy; it must be evaluated'),
  mode: earlyStoppingSchema.shape.mode,
  per: z
    .enum(['seed', 'seeds'])
    .default('seeds')
    .describe('seeds: one choice for all, by their mean; seed: each seed has its own'),
});

const { optimizer, epochs, ...shared } = runConfigSchema.shape;

/**
 * What `flatmin compare` reads: a config of `flatmin train`, with several methods, swept values, and how they are
 * compared.
 */
export const compareConfigSchema = z.strictObject({
  ...shared,
  optimizer: optimizer.optional().describe('the only method; put several into methods'),
  epochs: epochs.optional(),
  methods: z
    .record(z.string().min(1), spec)
    .refine((methods) => Object.keys(methods).length > 0, 'names no method')
    .optional()
    .describe('optimizer specs under the names that tables show'),
  reference: z.string().optional().describe('the method that the others are compared to; default: the first'),
  sweep: z
    .record(path, axisSchema)
    .default({})
    .describe('values by the path of a field: "optimizer.rho", "methods.SAM.rho", "dataset.labelNoise.rate"'),
  zip: z
    .array(z.array(path).min(2))
    .default([])
    .describe('swept paths that change together, value by value, instead of in all combinations'),
  exclude: z
    .array(z.record(path, z.unknown()))
    .default([])
    .describe('combinations that are not run: values by swept path, by "method" or "seed"'),
  budget: z
    .strictObject({
      gradientEvaluations: count.describe(
        'gradient evaluations of a run; its epochs follow from the cost of its steps',
      ),
    })
    .optional()
    .describe('equal work in place of equal epochs'),
  select: selectSchema.optional().describe('adds a row for each swept method, with its value chosen on held-out data'),
});

export type CompareConfig = z.output<typeof compareConfigSchema>;

/** The fields of a run that can be swept as settings, beside the specs. */
export const sweptSettings: readonly string[] = Object.keys(runConfigSchema.shape).filter(
  (name) =>
    !['$schema', 'plugins', 'seed', 'seeds', 'backend', 'name', 'tensorBoard', 'keepCheckpoints', 'dryRun'].includes(
      name,
    ),
);
