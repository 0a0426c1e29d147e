import { earlyStoppingSchema, learningRateSchema } from '@flatmin/training';
import { z } from 'zod';

const spec = z.looseObject({ use: z.string().min(1) });
const count = z.int().min(1);
const seed = z.int().min(0);

const parts = z.array(z.enum(['train', 'validation', 'test']));

const evaluateSchema = z.strictObject({
  parts: parts.optional().describe('what is judged; default: all three'),
  every: count.optional().describe('epochs between two evaluations; default 1, and the last epoch always'),
  everySteps: count.optional().describe('steps between two evaluations within an epoch; default: none'),
  batchSize: count.optional().describe('examples a forward pass; default 500'),
  generate: parts
    .optional()
    .describe(
      'parts whose targets a sequence-to-sequence model generates too at the end of an epoch: BLEU, exact match',
    ),
});

/** What `flatmin train` reads. The options inside the specs are the plugins' own, and checked by them. */
export const runConfigSchema = z.strictObject({
  plugins: z
    .array(z.string().min(1))
    .optional()
    .describe('packages that are installed, or paths of files from here, whose plugins the specs may name'),
  dataset: spec.describe('data set: { "use": id, ...options }'),
  model: spec.describe('model: { "use": id, ...options }'),
  optimizer: spec.describe('optimizer: { "use": id, ...options }'),
  epochs: count,
  batchSize: count,
  learningRate: learningRateSchema.optional().describe('default: the optimizer’s own, unchanged'),
  labelSmoothing: z.number().min(0).lt(1).default(0).describe('share of each target that all classes get alike'),
  seed: seed.optional().describe('of the initial weights and the order of the examples; default 0'),
  seeds: z.array(seed).min(1).optional().describe('one run for each'),
  validationBatchSize: count.default(64).describe('examples of a held-out batch, as LETS uses them'),
  backend: z.enum(['auto', 'tensorflow', 'wasm', 'cpu']).default('auto'),
  eager: z.boolean().default(false).describe('true runs every step eagerly on the native backend, not as a graph'),
  tensorBoard: z
    .boolean()
    .default(false)
    .describe('true writes what TensorBoard shows, into tensorboard/ of the results'),
  logEvery: count.default(50).describe('steps between two lines of metrics'),
  evaluate: evaluateSchema.optional().describe('what is judged, and when'),
  earlyStopping: earlyStoppingSchema
    .optional()
    .describe('ends a run that no longer gets better; default: it does all epochs'),
  checkpointEvery: count
    .optional()
    .describe('steps between two checkpoints within an epoch; default: at the end of epochs'),
  keepCheckpoints: count.default(3).describe('checkpoints of a seed that are kept, the latest ones'),
  dryRun: z.boolean().default(true).describe('tries a batch before the first step, and undoes it'),
});

export type RunConfig = z.output<typeof runConfigSchema>;

/** The seeds of a config, as a list. */
export function seedsOf(config: RunConfig): readonly number[] {
  return config.seeds ?? [config.seed ?? 0];
}
