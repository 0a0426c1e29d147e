import { createContainer, type Spec } from '@flatmin/core';
import { describeOptions, type Plugin } from '@flatmin/core/plugin';
import asam from '@flatmin/asam';
import fsam from '@flatmin/fsam';
import lets from '@flatmin/lets';
import sam from '@flatmin/sam';
import usam from '@flatmin/usam';
import vasso from '@flatmin/vasso';
import wsam from '@flatmin/wsam';

/** To have another variant on the page, import its package and name it here: the rest comes from its description. */
const variants: readonly Plugin[] = [sam, asam, usam, wsam, fsam, vasso];

export const container = createContainer({ plugins: [...variants, lets] });

/** What a run can train with: an entry of the menu. */
export interface Method {
  readonly id: string;
  readonly name: string;
  readonly group: 'No radius' | 'Fixed radius' | 'Learned radius';
  readonly about: string;
  /** The variant's own default; null where there is no radius. */
  readonly radius: number | null;
  /** Whether the radius is how far in weight space it looks, so that it can be drawn there. */
  readonly isDistance: boolean;
  spec(radius: number, learningRate: number): Spec;
}

const baseOf = (learningRate: number): Spec => ({ use: 'momentum', learningRate, momentum: 0.9 });

const sgd: Method = {
  id: 'sgd',
  name: 'SGD',
  group: 'No radius',
  about: 'Stochastic gradient descent with momentum 0.9, the base of all others here.',
  radius: null,
  isDistance: false,
  spec: (_, learningRate) => baseOf(learningRate),
};

/** Whether a direction, as a description has it, is something divided by its own length. */
function isUnit(direction = ''): boolean {
  const [, vector, length] = /^\(?(.+?)\)? \/ \|\|(.+?)\|\|/.exec(direction) ?? [];
  return vector !== undefined && vector === length;
}

function fixed(plugin: Plugin): Method {
  const { about, description = '', id } = plugin;
  const rho = describeOptions(plugin).find(({ name }) => name === 'rho')?.default;
  return {
    id,
    name: id.toUpperCase(),
    group: 'Fixed radius',
    about: description,
    radius: typeof rho === 'number' ? rho : 0.05,
    isDistance: isUnit(about?.direction),
    // `guard` refuses a loss that is no longer finite before it changes any weight.
    spec: (radius, learningRate) => ({ use: id, rho: radius, base: baseOf(learningRate), guard: true }),
  };
}

/** LETS around a variant, which is the same whatever the variant. */
function learned(variant: Method): Method {
  return {
    ...variant,
    id: `lets-${variant.id}`,
    name: `LETS-${variant.name}`,
    group: 'Learned radius',
    about: `${variant.about} LETS learns its radius on held-out data, from the one set here.`,
    spec: (radius, learningRate) => ({ use: 'lets', preset: 'robust', inner: variant.spec(radius, learningRate) }),
  };
}

export const methods: readonly Method[] = [
  sgd,
  ...variants.map(fixed),
  ...variants.map((each) => learned(fixed(each))),
];

export function methodOf(id: string): Method {
  const method = methods.find((each) => each.id === id);
  if (method === undefined)
    throw new Error(`There is no method ${id}. Known: ${methods.map((each) => each.id).join(', ')}.`);
  return method;
}
