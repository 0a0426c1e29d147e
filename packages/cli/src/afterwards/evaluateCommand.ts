import { loadBackend } from '@flatmin/backend';
import { FlatminError } from '@flatmin/core';
import { judgePart, type Metrics, type PartName } from '@flatmin/training';
import { oneSeed, openRun, type TrainedSeed, trainedSeed, type WhichWeights } from '@flatmin/experiments/internal';
import type { Distribution } from '@flatmin/experiments';

/** What all commands for a run take. */
export interface AfterwardsOptions {
  readonly weights?: WhichWeights;
  readonly seed?: number;
  readonly plugin?: readonly string[];
  readonly trust?: true;
}

export interface EvaluateCommandOptions extends AfterwardsOptions {
  readonly part?: readonly PartName[];
  readonly json?: true;
}

/** How a seed does on the parts of its data. */
interface Evaluation {
  readonly seed: number;
  readonly weights: WhichWeights;
  readonly step: number;
  readonly metrics: Partial<Record<PartName, Metrics>>;
}

/** Judges the weights of a run, as the end of an epoch does, and prints what it finds: of each seed, or of one. */
export async function evaluateCommand(
  directory: string,
  options: EvaluateCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const run = await openRun(directory, options, distribution);
  const { name: backend } = await loadBackend(run.config.backend);
  const seeds = options.seed === undefined ? run.seeds : [oneSeed(run, options.seed)];
  const all: Evaluation[] = [];
  for (const seed of seeds) {
    const trained = await trainedSeed(run, seed, options.weights);
    try {
      const { dataset, model, which: weights, step } = trained;
      const metrics: Partial<Record<PartName, Metrics>> = {};
      for (const part of partsOf(trained, options.part ?? run.config.evaluate?.parts)) {
        metrics[part] = await judgePart({ dataset, model, evaluate: run.config.evaluate }, part, true);
        compare(trained, part, metrics[part], backend);
      }
      all.push({ seed, weights, step, metrics });
    } finally {
      trained.dispose();
    }
  }
  process.stdout.write(options.json ? `${JSON.stringify(all, null, 2)}\n` : all.map(textOf).join('\n'));
}

function partsOf({ dataset }: TrainedSeed, asked?: readonly PartName[]): readonly PartName[] {
  const empty = asked?.find((part) => dataset[part].size === 0);
  if (empty !== undefined && asked?.length === 1) {
    throw new FlatminError('RUN_INVALID', `the ${empty} part of ${dataset.id} is empty. Evaluate another --part.`);
  }
  return (asked ?? (['train', 'validation', 'test'] as const)).filter((part) => dataset[part].size > 0);
}

/** Shares of a metric by which another release or backend may round. */
const rounding = 1e-4;

/**
 * Holds what was found against what the run recorded of the same weights: equal, but on another backend, or where its
 * release rounds otherwise.
 *
 * @throws FlatminError STATE_MISMATCH where it is something else.
 */
function compare({ state, step }: TrainedSeed, part: PartName, found: Metrics, backend: string): void {
  const recorded = state.history.find((record) => record.step === step)?.[part];
  if (recorded === undefined) return;
  for (const [name, before] of figuresOf(recorded)) {
    const now = new Map(figuresOf(found)).get(name);
    if (now === undefined || Object.is(now, before)) continue;
    if (Math.abs(now - before) <= rounding * Math.max(1, Math.abs(before))) {
      process.stderr.write(
        `${part}.${name}: ${now}, where the run on ${state.identity['backend'] ?? 'its backend'} recorded ${before}; this is ${backend}.\n`,
      );
      continue;
    }
    throw new FlatminError(
      'STATE_MISMATCH',
      `${part}.${name} of step ${step} is ${now}, and the run recorded ${before}: the data, a plugin or a package has changed. Restore it, or train again.`,
    );
  }
}

/** The figures of metrics, those of the data set's own scores too. */
function figuresOf({ scores, ...metrics }: Metrics): readonly (readonly [string, number])[] {
  return Object.entries({ ...metrics, ...scores });
}

function textOf({ seed, weights, step, metrics }: Evaluation): string {
  const lines = Object.entries(metrics).map(([part, found]) => {
    const figures = figuresOf(found).map(([name, value]) => `${name} ${Number(value.toPrecision(6))}`);
    return `  ${part.padEnd(10)}   ${figures.join('   ')}\n`;
  });
  return `seed ${seed}, ${weights} weights, step ${step}\n${lines.join('')}`;
}
