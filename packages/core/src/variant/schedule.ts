import * as z from 'zod';

const nonNegative = (what: string) => z.number().min(0).describe(what);

/** The schedules of any option `name` over the steps of a run, with values of the schema `value`. */
export function rampSchemas(name: string, value: z.ZodNumber) {
  const steps = z.number().int().min(1).describe('Steps of the ramp; default: totalSteps of the context.').optional();
  const from = value.describe(`${name} at step 0.`);
  const to = value.describe(`${name} at the end.`);
  return [
    z
      .strictObject({ schedule: z.literal('linear'), from, to, steps })
      .describe('A straight ramp from `from` to `to`, then constant.'),
    z
      .strictObject({ schedule: z.literal('cosine'), from, to, steps })
      .describe('Half a cosine from `from` to `to`, then constant.'),
    z
      .strictObject({
        schedule: z.literal('piecewise'),
        boundaries: z
          .array(z.number().int().min(1))
          .min(1)
          .describe('The steps at which the next value begins, in ascending order.'),
        values: z.array(value).min(2).describe('One more value than boundaries.'),
      })
      .refine(({ boundaries, values }) => values.length === boundaries.length + 1, {
        message: 'piecewise needs one more value than boundaries',
        path: ['values'],
      })
      .refine(({ boundaries }) => boundaries.every((b, i) => i === 0 || b > (boundaries[i - 1] as number)), {
        message: 'boundaries must rise',
        path: ['boundaries'],
      })
      .describe('A constant between boundaries.'),
  ] as const;
}

/** The schedules of rho, as they stand in a spec. */
const changing = z.discriminatedUnion('schedule', [
  z
    .strictObject({
      schedule: z.literal('proportional'),
      rhoMax: nonNegative('rho at learningRateMax.'),
      rhoMin: nonNegative('rho at learningRateMin.'),
      learningRateMax: nonNegative('The largest learning rate of the run.'),
      learningRateMin: nonNegative('The smallest learning rate of the run.').default(0),
    })
    .describe('rho follows the learning rate: rhoMin + (rhoMax - rhoMin) (lr - lrMin) / (lrMax - lrMin) (GSAM).'),
  ...rampSchemas('rho', z.number().min(0)),
  z
    .strictObject({
      schedule: z.literal('window'),
      rho: nonNegative('rho inside the window.'),
      start: z.number().int().min(0).describe('The first step that perturbs.').default(0),
      end: z.number().int().min(1).describe('The first step that no longer perturbs; default: none.').optional(),
    })
    .refine(({ start, end }) => end === undefined || end > start, {
      message: 'end must be larger than start',
      path: ['end'],
    })
    .describe('rho from step `start` up to, not including, step `end`; plain base steps outside.'),
]);

/** Of a union of a number and schedules: what is wrong inside of the schedule, where one was meant. */
export function scheduleError(expected: string): z.core.$ZodErrorMap<z.core.$ZodIssueInvalidUnion> {
  return ({ input, errors }) => {
    const inSchedule = (errors as { message: string; path: PropertyKey[] }[][] | undefined)?.[1]?.[0];
    if (typeof input !== 'object' || input === null || inSchedule === undefined) return expected;
    return [inSchedule.path.join('.'), inSchedule.message].filter(Boolean).join(': ');
  };
}

/** rho in a spec: a number that is not negative, or a schedule. */
export const scheduleSchema = z.union([z.number().min(0), changing], {
  error: scheduleError('expected a finite number, 0 or more, or a schedule'),
});

export type ScheduleSpec = z.output<typeof scheduleSchema>;

/** An option that takes rho: a number that is not negative, or a schedule of it. For the options of zod plugins. */
export function radius(defaultRho: number, what = 'Perturbation radius: the length of the ascent step') {
  return scheduleSchema.default(defaultRho).describe(`${what}, or a schedule of it.`);
}

/** What a schedule may depend on. */
export interface ScheduleTime {
  readonly index: number;
  readonly totalSteps?: number | undefined;
  readonly learningRate: number;
}

/** How far along a ramp of `steps` steps step `index` is, in [0, 1]; the last step of it has arrived. */
function progress(index: number, steps: number): number {
  return steps <= 1 ? 1 : Math.min(1, index / (steps - 1));
}

/**
 * rho at a step. Ramps without `steps` need `totalSteps`, which {@link needsTotalSteps} tells beforehand.
 * The window schedule gives its rho everywhere: the window itself is a gate around the variant.
 */
export function scheduleAt(spec: ScheduleSpec, { index, totalSteps, learningRate }: ScheduleTime): number {
  if (typeof spec === 'number') return spec;
  switch (spec.schedule) {
    case 'proportional': {
      const { rhoMax, rhoMin, learningRateMax, learningRateMin } = spec;
      if (learningRateMax === learningRateMin) return rhoMax;
      // A learning rate beyond the stated range must not turn rho negative.
      const share = (learningRate - learningRateMin) / (learningRateMax - learningRateMin);
      return Math.max(0, rhoMin + (rhoMax - rhoMin) * share);
    }
    case 'linear':
      return spec.from + (spec.to - spec.from) * progress(index, spec.steps ?? totalSteps ?? 1);
    case 'cosine': {
      const share = (1 - Math.cos(Math.PI * progress(index, spec.steps ?? totalSteps ?? 1))) / 2;
      return spec.from + (spec.to - spec.from) * share;
    }
    case 'piecewise': {
      const passed = spec.boundaries.filter((boundary) => index >= boundary).length;
      return spec.values[passed] as number;
    }
    case 'window':
      return spec.rho;
  }
}

/** True where the schedule cannot be computed without the total number of steps. */
export function needsTotalSteps(spec: ScheduleSpec): boolean {
  return (
    typeof spec !== 'number' && (spec.schedule === 'linear' || spec.schedule === 'cosine') && spec.steps === undefined
  );
}
