import { FlatminError, type Problem } from '@flatmin/core';
import {
  definePlugin,
  type MetaContext,
  metaFactory,
  type SharpnessVariant,
  show,
  throwProblems,
  windowed,
} from '@flatmin/core/plugin';
import { Lets, withoutValidationLoss } from './lets.js';
import { options } from './options.js';
import { defaultRho, inRun, type LetsSettings, settingsOf } from './settings.js';

/** Where rho starts, or what is wrong with it and with the range. */
function startOf(
  { rhoMin, rhoMax, objective, trainingBatch, groups, curvature }: LetsSettings,
  givenRadius: unknown,
): number {
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
      remedy: 'Start inside the range, above 0, or widen it.',
    });
  }
  if (groups !== undefined && curvature === 'diagonal') {
    problems.push({
      path: 'groups',
      value: groups,
      message: 'the diagonal curvature has no estimate for single groups',
      remedy: "Use curvature: 'secant' or 'exact'.",
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
    const settings = inRun(settingsOf(given), { given, totalSteps, caution });
    refuseCurvature(settings.curvature, inner);
    for (const name of ['warmup', 'warmStart'] as const) {
      if (totalSteps === undefined || settings[name] < totalSteps) continue;
      caution?.(`${name} of lets is ${settings[name]} and the run has ${totalSteps} steps: rho is never learned.`);
    }
    const rho = startOf(settings, givenRadius);
    return new Lets(windowed(inner, { start: settings.warmStart }), settings, rho, validationLoss);
  },
});

export const lets = metaFactory(letsPlugin);
