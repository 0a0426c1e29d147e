import type { EpochRecord } from '@flatmin/training';
import type { Axis, Coordinate, Selection } from '../grid/grid.js';
import type { RunRecord } from '../run/runRecord.js';
import type { CellOutcome, GridResults } from '../statistics/results.js';
import { at, gridResults, type GivenRow, type GivenTask, nameOf } from '../statistics/results.fixture.js';

// Made-up studies, the same on every call: numbers that look like those of real runs.

/** Numbers from 0 to 1, by the seed alone (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Made {
  readonly method: string;
  readonly at?: readonly Coordinate[];
  /** Accuracy that runs come to. */
  readonly end: number;
  /** Gradient evaluations a step. */
  readonly cost: number;
  readonly rho?: number;
  readonly learns?: boolean;
}

/** A run that rises to about `end`. */
function run({ method, end, cost, rho, learns = false }: Made, seed: number, epochs: number): RunRecord {
  // All methods share what a seed is lucky with.
  const [own, shared] = [random(1 + seed + 100 * method.length + Math.round(1e4 * end)), random(1000 + seed)];
  const luck = 0.02 * (shared() - 0.5) + 0.006 * (own() - 0.5);
  const history = Array.from({ length: epochs }, (_, i): EpochRecord => {
    const accuracy = 0.1 + (end + luck - 0.1) * (1 - Math.exp(-(i + 1) / (epochs / 5))) + 0.008 * (own() - 0.5);
    const [loss, step] = [2.3 * (1 - accuracy) + 0.05, 60 * (i + 1)];
    return {
      epoch: i + 1,
      step,
      learningRate: 0.1,
      loss: 0.9 * loss,
      radius: rho ?? null,
      gradientEvaluations: cost * step,
      train: { loss: 0.8 * loss, accuracy: Math.min(1, accuracy + 0.05) },
      validation: { loss: loss + 0.02, accuracy: accuracy + 0.01 * (own() - 0.5) },
      test: { loss, accuracy },
    };
  });
  const steps = 60 * epochs;
  const radiusAt = (step: number): number =>
    learns ? 0.02 + 0.3 * (1 - Math.exp(-step / 300)) + 0.02 * own() : (rho ?? 0);
  return {
    method,
    seed,
    history,
    radii:
      rho === undefined
        ? []
        : Array.from({ length: steps / 20 }, (_, i) => ({ step: 20 * (i + 1), radius: radiusAt(20 * i) })),
    radiiEvery: 1,
    learnsRadius: learns,
    steps,
    gradientEvaluations: cost * steps,
    seconds: 1.5 * cost + 0.2 * own(),
    stopped: false,
    peakMemory: 3.1e8 + 4e7 * cost,
  };
}

function row(made: Made, seeds: number, epochs: number): GivenRow {
  const outcomes = Array.from({ length: seeds }, (_, seed): CellOutcome => ({
    status: 'done',
    record: run(made, seed, epochs),
  }));
  return { method: made.method, ...(made.at && { at: made.at }), outcomes };
}

export function axis(
  path: string,
  values: readonly number[],
  of: Axis['of'] = 'rows',
  scale: Axis['scale'] = 'log',
): Axis {
  const labeled = values.map((value) => ({ label: String(value), value }));
  return { path, label: path.split('.').at(-1) as string, values: labeled, scale, of };
}

const radii = [0.02, 0.05, 0.1, 0.2, 0.5, 1];
const select: Selection = { metric: 'validation.accuracy', per: 'seed' };

const byRadius = (rho: number): number =>
  0.68 + 0.05 * Math.exp(-((Math.log10(rho) + 0.7) ** 2) / 0.18) - (rho >= 1 ? 0.06 : 0);

/** SGD, SAM and ASAM over radii, chosen on validation, and LETS. */
export function sweep({ seeds = 8, epochs = 30 } = {}): GridResults {
  const swept = (method: string, path: string, gain: number): GivenRow[] =>
    radii.map((rho) => row({ method, at: [at(path, rho)], end: byRadius(rho) + gain, cost: 2, rho }, seeds, epochs));
  const rows = [
    row({ method: 'SGD', end: 0.68, cost: 1 }, seeds, epochs),
    ...swept('SAM', 'methods.SAM.rho', 0),
    ...swept('ASAM', 'methods.ASAM.rho', -0.01),
    row({ method: 'LETS-SAM, robust', end: 0.726, cost: 3, rho: 0.3, learns: true }, seeds, epochs),
  ];
  const axes = [axis('methods.SAM.rho', radii), axis('methods.ASAM.rho', radii)];
  return gridResults([{ rows }], { select, axes });
}

/** Ten methods, one of which failed to learn and one of whose seeds diverged. */
export function tenMethods({ seeds = 6, epochs = 20 } = {}): GridResults {
  const names = ['SGD', 'SAM', 'ASAM', 'GSAM', 'LookSAM', 'ESAM', 'VaSSO', 'Fisher SAM', 'LETS-SAM with a name that is rather long, robust', 'MSAM']; // prettier-ignore
  const rows = names.map((method, i) =>
    row(
      {
        method,
        end: method === 'VaSSO' ? 0.1 : 0.68 + 0.006 * i,
        cost: i === 0 ? 1 : 2 + (i % 3) / 2,
        ...(i > 0 && { rho: 0.05 * i }),
      },
      seeds,
      epochs,
    ),
  );
  const failure = 'training stopped: the loss of step 412 is NaN';
  const broken = rows.map((one) =>
    one.method === 'GSAM'
      ? { ...one, outcomes: one.outcomes.map((outcome, i): CellOutcome => (i === 2 ? { status: 'diverged', record: { ...run({ method: 'GSAM', end: 0.1, cost: 2 }, i, 3), failure }, reason: failure } : (outcome as CellOutcome))) } // prettier-ignore
      : one,
  );
  return gridResults([{ rows: broken }]);
}

/** Two options of one method, one epoch. */
export function twoOptions({ seeds = 3, epochs = 1 } = {}): GridResults {
  const momenta = [0, 0.5, 0.9];
  const rows = radii.flatMap((rho) =>
    momenta.map((momentum) =>
      row(
        {
          method: 'SAM',
          at: [at('optimizer.rho', rho), at('optimizer.base.momentum', momentum)],
          end: byRadius(rho) - 0.1 * (0.9 - momentum),
          cost: 2,
          rho,
        },
        seeds,
        epochs,
      ),
    ),
  );
  const axes = [axis('optimizer.rho', radii), axis('optimizer.base.momentum', momenta, 'rows', 'linear')];
  return gridResults([{ rows: [row({ method: 'SGD', end: 0.6, cost: 1 }, seeds, epochs), ...rows] }], { axes });
}

/** Three levels of label noise, each a task. */
export function tasks({ seeds = 6, epochs = 10 } = {}): GridResults {
  const levels = [0, 0.2, 0.4, 0.8];
  const made = levels.map((level): GivenTask => {
    const of = (method: string, gain: number, cost: number): GivenRow =>
      row({ method, end: 0.9 - 0.5 * level + gain * level, cost }, seeds, epochs);
    return {
      name: `rate ${level}`,
      at: [at('dataset.labelNoise.rate', level)],
      rows: [of('SGD', 0, 1), of('SAM', 0.1, 2), of('LETS-SAM', 0.15, 3)],
    };
  });
  return gridResults(made, { axes: [axis('dataset.labelNoise.rate', levels, 'tasks', 'linear')] });
}

export const studies = { sweep, tenMethods, twoOptions, tasks };
export const rowName = nameOf;
