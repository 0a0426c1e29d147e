import type { ProbeMeasure, ProbeOptions } from '@flatmin/analysis';
import * as z from 'zod';

const measures = [
  'eigenvalue',
  'trace',
  'sharpness',
  'worstCase',
  'average',
] as const satisfies readonly ProbeMeasure[];

/**
 * The probe of a run, as a config has it: what `probe` and `modelSurface` of @flatmin/analysis take, which is loaded
 * where a run has one.
 */
export const probeConfigSchema = z.strictObject({
  everySteps: z.int().min(1).describe('steps between two measurements'),
  measures: z.array(z.enum(measures)).min(1).default(['eigenvalue', 'sharpness']).describe('what is measured'),
  rho: z.number().positive().default(0.05).describe('radius of the ball of sharpness'),
  products: z.int().min(3).default(30).describe('products for the trace'),
  part: z.enum(['train', 'validation', 'test']).default('train').describe('part of the data that is probed'),
  examples: z
    .int()
    .min(1)
    .default(256)
    .describe('examples of that part, the same ones each time; all if it has no more'),
}) satisfies z.ZodType<ProbeOptions>;
