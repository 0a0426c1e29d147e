import { FlatminError } from '../errors/errors.js';
import type { ParameterGroup } from '../variant/parameterGroups.js';
import { AroundBase } from './around.js';
import type { BaseOptimizer } from './contract.js';
import { GroupRates } from './groupRates.js';

/** What of an optimizer stands around its base. */
export interface AroundSettings {
  readonly groups?: readonly ParameterGroup[];
}

const hasRates = ({ learningRate = 1, layerDecay = 1 }: ParameterGroup): boolean =>
  learningRate !== 1 || layerDecay !== 1;

/**
 * The base with what the settings put around it.
 *
 * @throws FlatminError BASE_UNSUITABLE, with the base disposed, where it cannot stand that.
 */
export function aroundBase(base: BaseOptimizer, { groups = [] }: AroundSettings): BaseOptimizer {
  try {
    if (groups.some(({ decay = 1 }) => decay !== 1)) refuseWithoutDecay(base);
    return groups.some(hasRates) ? new GroupRates(base) : base;
  } catch (error) {
    base.dispose();
    throw error;
  }
}

/** The base itself; what stood around it is freed. */
export const releasedBase = (base: BaseOptimizer): BaseOptimizer =>
  base instanceof AroundBase ? releasedBase(base.release()) : base;

function refuseWithoutDecay({ decaysByGroup, id }: BaseOptimizer): void {
  if (decaysByGroup) return;
  throw new FlatminError(
    'BASE_UNSUITABLE',
    `groups has a decay, and the base ${id} has no weight decay. Leave decay out, or use a base such as adamw or sgdw.`,
  );
}
