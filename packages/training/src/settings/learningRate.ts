import { validated } from '@flatmin/core/internal';
import { throwProblems } from '@flatmin/core/plugin';
import * as z from 'zod';

const rate = z.number().nonnegative().optional().describe('peak learning rate; default: that of the optimizer');
const warmupEpochs = z.number().nonnegative().default(0).describe('epochs of linear rise from 0 to the peak');
const finalRate = z.number().nonnegative().default(0).describe('learning rate after the last step');

/** How the learning rate moves over a run. As JSON: `{ "schedule": "cosine", "warmupEpochs": 2 }`, or a number. */
export const learningRateSchema = z.union([
  z.number().nonnegative(),
  z.discriminatedUnion('schedule', [
    z.strictObject({ schedule: z.literal('constant'), rate }),
    z.strictObject({ schedule: z.literal('cosine'), rate, warmupEpochs, finalRate }),
    z.strictObject({ schedule: z.literal('linear'), rate, warmupEpochs, finalRate }),
    z.strictObject({
      schedule: z.literal('step'),
      rate,
      everyEpochs: z.number().positive().describe('epochs between two drops'),
      factor: z.number().positive().max(1).default(0.1).describe('multiplies the learning rate at each drop'),
    }),
    z.strictObject({
      schedule: z.literal('inverse-square-root'),
      rate,
      warmupEpochs: z
        .number()
        .positive()
        .describe('epochs of linear rise from 0 to the peak, which also set the pace of the fall'),
    }),
    z.strictObject({
      schedule: z.literal('one-cycle'),
      rate,
      pctStart: z.number().min(0).lt(1).default(0.3).describe('fraction of the run that rises to the peak'),
      divFactor: z.number().min(1).default(25).describe('the peak divided by the first learning rate'),
      finalDivFactor: z.number().min(1).default(1e4).describe('the first learning rate divided by the last'),
    }),
  ]),
]);

export type LearningRateSpec = z.input<typeof learningRateSchema>;

/** The learning rate of the step with this index; the first is 0. */
export type LearningRateSchedule = (step: number) => number;

export interface RunLength {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** The peak where the spec has none: the optimizer's own learning rate. */
  readonly defaultRate: number;
}

/**
 * The closed form of a schedule. With eta the peak, f the final rate, T the steps of the run, W those of the warm-up
 * and p = (t - W) / (T - W):
 *
 * - warm-up, t < W: eta (t + 1) / W
 * - constant: eta
 * - cosine: f + (eta - f) (1 + cos(pi p)) / 2
 * - linear: f + (eta - f) (1 - p)
 * - step: eta factor^floor(t / (everyEpochs * stepsPerEpoch))
 * - inverse-square-root: eta sqrt(W / (t + 1)), as in "Attention Is All You Need" (arXiv 1706.03762)
 * - one-cycle: from eta / divFactor to eta by half a cosine, until step S = pctStart T - 1; from there to
 *   eta / (divFactor finalDivFactor) at step T - 1 by another ("Super-Convergence", arXiv 1708.07120, in the form of
 *   PyTorch's OneCycleLR with two phases; momentum stays as it is)
 */
export function learningRateSchedule(spec: LearningRateSpec, run: RunLength): LearningRateSchedule {
  const { output, problems } = validated(learningRateSchema, spec, { name: 'the learning rate' });
  throwProblems(problems, 'the learning rate');
  const parsed = output as z.output<typeof learningRateSchema>;
  if (typeof parsed === 'number') return () => parsed;
  const peak = parsed.rate ?? run.defaultRate;
  if (parsed.schedule === 'constant') return () => peak;
  if (parsed.schedule === 'step') {
    const stepsPerDrop = parsed.everyEpochs * run.stepsPerEpoch;
    return (step) => peak * parsed.factor ** Math.floor(step / stepsPerDrop);
  }
  if (parsed.schedule === 'one-cycle') return oneCycle(peak, parsed, run.totalSteps);
  const warmup = Math.round(parsed.warmupEpochs * run.stepsPerEpoch);
  if (parsed.schedule === 'inverse-square-root') {
    const reference = Math.max(1, warmup);
    return (step) => peak * Math.min((step + 1) / reference, Math.sqrt(reference / (step + 1)));
  }
  const fall = parsed.schedule === 'cosine' ? (p: number) => (1 + Math.cos(Math.PI * p)) / 2 : (p: number) => 1 - p;
  return (step) => {
    if (step < warmup) return (peak * (step + 1)) / warmup;
    const progress = Math.min(1, (step - warmup) / Math.max(1, run.totalSteps - warmup));
    return parsed.finalRate + (peak - parsed.finalRate) * fall(progress);
  };
}

/** Half a cosine from one value to another. */
const halfCosine = (from: number, to: number, progress: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;

interface OneCycle {
  readonly pctStart: number;
  readonly divFactor: number;
  readonly finalDivFactor: number;
}

function oneCycle(
  peak: number,
  { pctStart, divFactor, finalDivFactor }: OneCycle,
  totalSteps: number,
): LearningRateSchedule {
  const first = peak / divFactor;
  const last = totalSteps - 1;
  const top = pctStart * totalSteps - 1;
  return (step) =>
    step < top
      ? halfCosine(first, peak, step / top)
      : halfCosine(peak, first / finalDivFactor, (Math.min(step, last) - top) / (last - top));
}
