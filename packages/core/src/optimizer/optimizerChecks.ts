import { FlatminError, show } from '../errors/errors.js';
import type { LossFunction } from '../loss/loss.js';
import type { ExtraPass } from '../step/evaluator.js';
import type { OptimizerSetup } from '../step/setup.js';
import type { SharpnessVariant } from '../variant/variant.js';

/** What can be given to an optimizer after it was created. */
export interface Attachment {
  /** The held-out loss of LETS. */
  readonly validationLoss?: LossFunction | undefined;
  /** Runs passes that must leave no trace, such as metrics; adapters of models use it. */
  readonly extraPass?: ExtraPass | undefined;
}

/** Refuses what cannot be a learning rate. */
export function checkNumber(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new FlatminError(
    'SPEC_INVALID',
    `${name} was set to ${show(value)}. Use a finite number that is not negative.`,
  );
}

/** Refuses a radius that this variant cannot have. */
export function checkRadius({ id, radius, learnedRadius }: SharpnessVariant<unknown>, value: number): void {
  checkNumber('radius', value);
  if (radius === 'none') {
    throw new FlatminError(
      'RADIUS_NOT_SETTABLE',
      `${id} has no radius to set to ${value}. Wrap the base in a variant such as sam.`,
    );
  }
  const { min = 0, max = Infinity } = learnedRadius ?? {};
  if (value >= min && value <= max) return;
  throw new FlatminError(
    'SPEC_INVALID',
    `radius was set to ${value}; ${id} keeps it within [${min}, ${max}]. Set one in that range.`,
  );
}

/** What is given after an optimizer was created: functions, or nothing. */
export function checkedAttachment(given: Attachment): Attachment {
  const { validationLoss, extraPass } = given ?? {};
  for (const [name, value] of Object.entries({ validationLoss, extraPass })) {
    if (value === undefined || typeof value === 'function') continue;
    throw new FlatminError(
      'SPEC_INVALID',
      `attach was given the ${name} ${show(value)}. Give a function, or leave it out.`,
    );
  }
  if (typeof given === 'object' && (given as unknown) !== null) return { validationLoss, extraPass };
  throw new FlatminError('SPEC_INVALID', `attach was given ${show(given)}. Give { validationLoss }.`);
}

/** Refuses an optimizer without a base: it can be wrapped, but not step. */
export function checkBase({ base, variant }: OptimizerSetup): void {
  if (base === undefined) throw baseMissing(variant.id);
}

/** The error of a variant that nothing takes the steps of. */
export function baseMissing(id: string): FlatminError {
  return new FlatminError(
    'BASE_MISSING',
    `${id} has no base optimizer. Give one: base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 }, ` +
      'or in code any tf.Optimizer.',
  );
}

/** The error of an optimizer that was disposed, or wrapped by another one. */
export function endedError(why: string): FlatminError {
  return new FlatminError('OPTIMIZER_DISPOSED', `this optimizer ${why} and cannot be used any more. Create a new one.`);
}
