import { FlatminError } from '../errors/errors.js';
import type { ParameterGroup } from '../variant/parameterGroups.js';
import { AroundBase } from './around.js';
import { Averaged, type AverageSpec, inSteps } from './averaged.js';
import type { BaseOptimizer } from './contract.js';
import { ForeignBase } from './foreign.js';
import { GroupRates } from './groupRates.js';
import { type Lookahead, LookingAhead } from './lookahead.js';

/** What of an optimizer stands around its base. */
export interface AroundSettings {
  readonly groups?: readonly ParameterGroup[];
  readonly lookahead?: Lookahead;
  readonly average?: AverageSpec;
  readonly totalSteps?: number | undefined;
}

const hasRates = ({ learningRate = 1, layerDecay = 1 }: ParameterGroup): boolean =>
  learningRate !== 1 || layerDecay !== 1;

/**
 * The base, wrapped as the settings ask: by the learning rates of groups, then lookahead, then the average of the
 * weights that these leave.
 *
 * @throws FlatminError BASE_UNSUITABLE, TOTAL_STEPS_MISSING, if the base cannot be wrapped so; the base is then
 *   disposed.
 */
export function aroundBase(base: BaseOptimizer, settings: AroundSettings): BaseOptimizer {
  const { groups = [], lookahead, average, totalSteps } = settings;
  try {
    const what = { 'learningRate of groups': groups.some(hasRates) || undefined, lookahead, average };
    for (const [name, given] of Object.entries(what)) {
      if (given === undefined) continue;
      refuseAround(base, name);
      // What remembers a copy is saved beside the base, and restored with it.
      const remembers = name !== 'learningRate of groups';
      if (remembers && base instanceof ForeignBase)
        throw unsuitable(name, base.id, 'saves what it remembers in its own way');
    }
    if (groups.some(({ decay = 1 }) => decay !== 1)) refuseWithoutDecay(base);
    const grouped = groups.some(hasRates) ? new GroupRates(base) : base;
    const ahead = lookahead ? new LookingAhead(grouped, lookahead) : grouped;
    return average ? new Averaged(ahead, inSteps(average, totalSteps)) : ahead;
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

/** Refuses what moves or averages the weights of a base that averages them itself. */
function refuseAround(base: BaseOptimizer, what: string): void {
  const averages = base.movesAlone || base.evaluationWeights !== undefined;
  if (averages) throw unsuitable(what, base.id, 'averages the weights itself');
}

const unsuitable = (what: string, id: string, why: string): FlatminError =>
  new FlatminError(
    'BASE_UNSUITABLE',
    `${what} was given around ${id}, which ${why}. Leave it out, or use another base, such as momentum or adamw.`,
  );
