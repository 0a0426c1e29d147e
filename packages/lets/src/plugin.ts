import { FlatminError, type Problem } from '@flatmin/core';
import {
  definePlugin,
  type MetaContext,
  metaFactory,
  type SharpnessVariant,
  show,
  throwProblems,
} from '@flatmin/core/plugin';
import * as z from 'zod';
import { Lets, withoutValidationLoss } from './lets.js';
import { defaultRho, type LetsSettings, presets } from './settings.js';

const decay = (what: string) => z.number().min(0).lt(1).describe(what);

const upper = z
  .strictObject({
    use: z.enum(['sgd', 'adam']).default('adam').describe('The optimizer of rho.'),
    learningRate: z
      .number()
      .positive()
      .default(0.02)
      .describe('Its step size; ours: 0.02 every step, 0.05 every fourth.'),
    beta1: decay("Decay of Adam's first moment.").default(0.9),
    beta2: decay("Decay of Adam's second moment.").default(0.999),
    epsilon: z.number().min(0).default(1e-12).describe("Added to the root of Adam's second moment."),
  })
  .describe("How rho moves; default: Adam at 0.02 (ours; we do not know the paper's).");

const options = z.strictObject({
  preset: z
    .enum(['paper', 'robust'])
    .default('paper')
    .describe("The paper's form, or ours, which recovers from a bad start; single options override it."),
  objective: z
    .enum(['gap', 'validation'])
    .optional()
    .describe('gap (paper): 1/2 (L_vl - L_tr)^2; validation (robust): L_vl.'),
  trainingBatch: z
    .enum(['same', 'next'])
    .optional()
    .describe("Training batch of the gap: the one just trained on, or the next step's. Default same."),
  curvature: z
    .enum(['diagonal', 'secant', 'exact'])
    .optional()
    .describe('H d: diagonal (paper), secant (robust; free), exact (two more gradients).'),
  projection: z
    .boolean()
    .optional()
    .describe('Removes from H d its component along the step: false (paper), true (robust).'),
  memory: decay('Decay of d theta / d rho over steps: 0 (paper), 0.99 (robust).').optional(),
  normMatch: z.boolean().optional().describe('Scales the step to the length of the clean gradient. Default false.'),
  parameterization: z
    .enum(['log', 'linear'])
    .optional()
    .describe('What the upper optimizer moves: log rho (default) or rho.'),
  upper: upper.optional(),
  every: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('The upper level runs on steps whose index is a multiple of it. Default 1.'),
  warmup: z.number().int().min(0).optional().describe('No upper level before this step. Default 0.'),
  rhoMin: z.number().positive().optional().describe('Smallest rho. Default 1e-3 (ours).'),
  rhoMax: z.number().positive().optional().describe('Largest rho. Default 2 (ours).'),
});

function settingsOf(given: z.output<typeof options>): LetsSettings {
  const own = Object.entries(given).filter(([name, value]) => name !== 'preset' && value !== undefined);
  return { ...presets[given.preset], ...(Object.fromEntries(own) as Partial<LetsSettings>) };
}

/** Where rho starts, or what is wrong with it and with the range. */
function startOf({ rhoMin, rhoMax, objective, trainingBatch }: LetsSettings, givenRadius: unknown): number {
  const problems: Problem[] = [];
  const rho = givenRadius ?? Math.min(Math.max(defaultRho, rhoMin), rhoMax);
  if (rhoMin >= rhoMax) {
    problems.push({
      path: 'rhoMin',
      value: rhoMin,
      message: `rhoMin is not below rhoMax ${rhoMax}`,
      remedy: 'Give a range.',
    });
  } else if (typeof rho !== 'number') {
    problems.push({
      path: 'inner.rho',
      value: rho,
      message: 'LETS learns rho, so rho cannot be a schedule',
      remedy: 'Give its starting value as a number.',
    });
  } else if (rho < rhoMin || rho > rhoMax) {
    const message = `LETS starts at this rho, which is outside [rhoMin, rhoMax] = [${rhoMin}, ${rhoMax}]`;
    problems.push({
      path: 'inner.rho',
      value: rho,
      message,
      remedy: 'Start inside the range, at more than 0, or widen it.',
    });
  }
  if (objective === 'validation' && trainingBatch === 'next') {
    const message = 'the validation objective has no training batch';
    problems.push({
      path: 'trainingBatch',
      value: 'next',
      message,
      remedy: "Use objective: 'gap', or leave trainingBatch out.",
    });
  }
  throwProblems(problems, 'lets');
  return rho as number;
}

/** An estimate of H d that does not hold for what is wrapped would be a number without a meaning. */
function refuseCurvature(curvature: string, { id, curvatures }: SharpnessVariant<unknown>): void {
  if (curvatures === undefined || curvatures.includes(curvature)) return;
  throw new FlatminError(
    'RADIUS_NOT_LEARNABLE',
    `lets with curvature ${show(curvature)} cannot learn the radius of ${id}, because that estimate does not hold for its gradients. ` +
      `Use curvature ${curvatures.map(show).join(' or ')}.`,
  );
}

export const letsPlugin = definePlugin({
  kind: 'meta',
  id: 'lets',
  apiVersion: 1,
  description:
    'LETS: learns the perturbation radius of the variant it wraps, by bilevel optimization on held-out data.',
  about: {
    paper:
      'Wang, Jiang, Fu, Zhang, "Enhancing Sharpness-Aware Minimization by Learning Perturbation Radius", ECML PKDD 2024, arXiv 2408.08222',
    direction: "the inner variant's",
    finalGradient: "the inner variant's; with normMatch, scaled to the length of the clean gradient",
    evaluations: "the inner variant's, and on upper steps 2 (gap) or 1 (validation), and 2 for curvature exact",
    state: "rho with its optimizer's moments, the inner variant's, and with memory a copy of the weights",
  },
  options,
  create: (given, { inner, givenRadius, validationLoss, complete, totalSteps, caution }: MetaContext) => {
    if (inner.radius === 'none') {
      throw new FlatminError(
        'RADIUS_NOT_LEARNABLE',
        `lets cannot wrap ${inner.id}: its perturbation has no rho-free direction, so there is no radius to learn. Wrap a variant such as sam or asam.`,
      );
    }
    if (inner.learnedRadius !== undefined) {
      throw new FlatminError(
        'RADIUS_NOT_LEARNABLE',
        `lets cannot wrap ${inner.id}, which moves its radius itself and would ignore the learned one. Wrap the variant inside it.`,
      );
    }
    if (complete === true && validationLoss === undefined) throw withoutValidationLoss('lets');
    const settings = settingsOf(given);
    refuseCurvature(settings.curvature, inner);
    if (totalSteps !== undefined && settings.warmup >= totalSteps) {
      caution?.(`warmup of lets is ${settings.warmup} and the run has ${totalSteps} steps: rho is never learned.`);
    }
    return new Lets(inner, settings, startOf(settings, givenRadius), validationLoss);
  },
});

export const lets = metaFactory(letsPlugin);
