import { FlatminError } from '@flatmin/core';
import { needsTotalSteps } from '@flatmin/core/plugin';
import type { LetsOptions } from './options.js';
import type { Grouping } from './radiusGroups.js';
import type { RadiusSettings } from './upper.js';

/** How H d is estimated: from the Fisher diagonal of one batch, from the two gradients at hand, or from two more. */
export type Curvature = 'diagonal' | 'secant' | 'exact';

/** All settings of LETS, with the preset's values where none were given. */
export interface LetsSettings extends RadiusSettings {
  /** gap: 1/2 (validation loss - training loss)^2, the paper's; validation: the validation loss. */
  readonly objective: 'gap' | 'validation';
  /** The training batch of the gap: the one just trained on, or the next step's. */
  readonly trainingBatch: 'same' | 'next';
  readonly curvature: Curvature;
  /** Removes from H d its component along the step, which would measure the step size. */
  readonly projection: boolean;
  /** How much of d theta / d rho survives a step; 0 differentiates one step only. */
  readonly memory: number;
  /** Computes d theta / d rho with the base's own scaling of each weight, if the base gives it (Adam). */
  readonly preconditioned: boolean;
  /** A separate radius for each role or each layer; absent: one for all. */
  readonly groups?: Grouping;
  /** Scales the step to the length of the clean gradient. */
  readonly normMatch: boolean;
  /** The upper level runs on steps whose index is a multiple of this. */
  readonly every: number;
  /** No upper level before this step. */
  readonly warmup: number;
  /** Before this step the base trains alone, without perturbation. Below 1: a share of the run. */
  readonly warmStart: number;
}

export type PresetName = 'paper' | 'robust' | 'warm';

const ours = {
  trainingBatch: 'same',
  normMatch: false,
  preconditioned: false,
  parameterization: 'log',
  upper: { use: 'adam', learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-12, shrink: 0 },
  every: 1,
  warmup: 0,
  warmStart: 0,
  rhoMin: 1e-3,
  rhoMax: 2,
} as const;

const robust = { ...ours, objective: 'validation', curvature: 'secant', projection: true, memory: 0.99 } as const;

/** The presets. The paper's own constants beyond objective and curvature are not known to us: `ours` fills them. */
export const presets: Readonly<Record<PresetName, LetsSettings>> = {
  paper: { ...ours, objective: 'gap', curvature: 'diagonal', projection: false, memory: 0 },
  robust,
  warm: {
    ...robust,
    projection: false,
    warmStart: 0.2,
    upper: { ...ours.upper, learningRate: { schedule: 'linear', from: 0.1, to: 0.02 }, shrink: 0.05 },
  },
};

/** Where rho starts when the wrapped variant does not say. */
export const defaultRho = 0.1;

/** Options that only the published form has, or that choose between its estimates. */
function namesPublishedForm({ curvature, objective, trainingBatch }: LetsOptions): boolean {
  return curvature !== undefined || trainingBatch !== undefined || objective === 'gap';
}

/** The preset's values and those that are given, which go first. */
export function settingsOf(given: LetsOptions): LetsSettings {
  const { preset = namesPublishedForm(given) ? 'paper' : 'warm', ...own } = given;
  const chosen = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...presets[preset], ...(Object.fromEntries(chosen) as Partial<LetsSettings>) };
}

/** What is known of the run, and what of the settings was given rather than the preset's. */
export interface RunContext {
  readonly given: Pick<LetsOptions, 'projection' | 'warmStart' | 'upper'>;
  readonly totalSteps: number | undefined;
  readonly caution: ((message: string) => void) | undefined;
}

/**
 * The settings with the warm start in steps. Where the length of the run is not known, what the preset has of it
 * falls back on preset robust, and says so.
 *
 * @throws FlatminError TOTAL_STEPS_MISSING where such a share was given.
 */
export function inRun(settings: LetsSettings, { given, totalSteps, caution }: RunContext): LetsSettings {
  const { warmStart, upper } = settings;
  const isShare = warmStart > 0 && warmStart < 1;
  const isRamp = needsTotalSteps(upper.learningRate);
  if (totalSteps !== undefined || (!isShare && !isRamp)) {
    return isShare ? { ...settings, warmStart: Math.round(warmStart * (totalSteps as number)) } : settings;
  }
  if (isShare && given.warmStart !== undefined) throw withoutLength(`warmStart: ${warmStart}`, 'a number of steps');
  if (isRamp && given.upper !== undefined) throw withoutLength('the schedule at upper.learningRate', 'steps');
  const instead = [
    isShare && 'there is no warm start',
    isRamp && `rho moves by ${robust.upper.learningRate} a step throughout`,
  ];
  caution?.(
    `lets does not know how long the run is: ${instead.filter(Boolean).join(', and ')}. Give totalSteps in the context of ` +
      'createOptimizer, or warmStart in steps and upper.learningRate as a number.',
  );
  return {
    ...settings,
    ...(isShare && { warmStart: robust.warmStart, projection: given.projection ?? robust.projection }),
    ...(isRamp && { upper: robust.upper }),
  };
}

function withoutLength(what: string, instead: string): FlatminError {
  return new FlatminError(
    'TOTAL_STEPS_MISSING',
    `${what} needs the number of steps. Give it ${instead}, or totalSteps in the context of createOptimizer.`,
  );
}
