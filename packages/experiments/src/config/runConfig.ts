import { trainSettingsSchema } from '@flatmin/training';
import * as z from 'zod';
import { probeConfigSchema } from './probeConfig.js';

export const spec = z.looseObject({ use: z.string().min(1) });
const count = z.int().min(1);
const settings = trainSettingsSchema.shape;
const seed = settings.seed.unwrap();

const areDistinct = (values: readonly number[]): boolean => new Set(values).size === values.length;

const addressOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
const isServer = (text: string): boolean => /^https?:$/.test(addressOf(text)?.protocol ?? '');
const holdsNoSecret = (text: string): boolean => {
  const { username = '', password = '' } = addressOf(text) ?? {};
  return username === '' && password === '';
};

/**
 * What `flatmin train` reads: what there is to train, and the settings of `train`. The options inside the specs are the
 * plugins' own, and checked by them.
 */
export const runConfigSchema = z.strictObject({
  $schema: z.string().optional().describe('the JSON Schema that an editor uses for this file; the run ignores it'),
  name: z
    .string()
    .min(1)
    .optional()
    .describe('name of the run in tables and plots; default: made from the ids of its optimizer'),
  plugins: z
    .array(z.string().min(1))
    .optional()
    .describe('installed packages, or paths of files relative to this one, whose plugins the specs may name'),
  dataset: spec.describe('data set: { "use": id, ...options }'),
  model: spec.describe('model: { "use": id, ...options }'),
  optimizer: spec.describe('optimizer: { "use": id, ...options }'),
  ...settings,
  seed: seed.optional().describe('seed of the initial weights and the order of the examples; default 0'),
  seeds: z
    .array(seed)
    .min(1)
    // The same run again, which would make a spread of zero.
    .refine(areDistinct, 'names a seed twice')
    .optional()
    .describe('one run for each seed; all different'),
  validationBatchSize: count.default(64).describe('examples in a held-out batch, which LETS uses'),
  backend: z.enum(['auto', 'tensorflow', 'wasm', 'cpu']).default('auto'),
  tensorBoard: z
    .boolean()
    .default(false)
    .describe('true writes files for TensorBoard into tensorboard/ of the results'),
  probe: probeConfigSchema
    .optional()
    .describe('measures the weights during a run: eigenvalue, trace, sharpness, worstCase, average; default: none'),
  mlflow: z
    .strictObject({
      url: z
        .string()
        .refine(isServer, 'is not the address of a server: use http:// or https://')
        .refine(
          holdsNoSecret,
          'contains a user name or a password, which would be written into the run folder: give them as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD',
        )
        .describe('URL of the tracking server: http://127.0.0.1:5000'),
      experiment: z.string().min(1).default('flatmin').describe('name of the experiment, created if it does not exist'),
    })
    .optional()
    .describe('an MLflow server that records the runs; default: none'),
  keepCheckpoints: count.default(3).describe('how many of the latest checkpoints of a seed are kept'),
});

export type RunConfig = Omit<z.output<typeof runConfigSchema>, '$schema'>;

/** The seeds of a config, as a list. */
export function seedsOf(config: RunConfig): readonly number[] {
  return config.seeds ?? [config.seed ?? 0];
}
