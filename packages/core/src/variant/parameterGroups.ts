import * as z from 'zod';
import { FlatminError, show } from '../errors/errors.js';
import { isNamed, layerOf, type ParameterInfo, type ParameterRole, parameterRoles } from './parameters.js';

const factor = (what: string) => z.number().min(0).optional().describe(what);
const role = z.enum(parameterRoles);

/** Which parameters a group takes: those for which all that is given holds. */
const matchSchema = z.strictObject({
  role: z
    .union([role, z.array(role).min(1)], { error: `expected one of ${parameterRoles.join(', ')}, or a list of them` })
    .optional()
    .describe('Their role, or a list of roles.'),
  name: z
    .string()
    .min(1)
    .optional()
    .describe('Their whole name, with or without its suffix _n; * stands for any text.'),
  depth: z
    .union([z.tuple([z.int()]), z.tuple([z.int(), z.int()])], { error: 'expected [from] or [from, to], whole numbers' })
    .optional()
    .describe('Layers [from, to), counted from the input as in slice; [-1] is the last one.'),
});

const groupSchema = z.strictObject({
  match: matchSchema.optional().describe('Which parameters it takes; default: those that no other group takes.'),
  learningRate: factor('Factor on how far the base moves these weights. Default: 1.'),
  layerDecay: factor('Factor on the learning rate, once for each layer between this one and the output. Default: 1.'),
  rho: factor('Factor on the perturbation. Default: 1.'),
  decay: factor('Factor on the weight decay of the base. Default: 1.'),
  frozen: z.boolean().optional().describe('True leaves these weights as they are. Default: false.'),
});

/** `groups` of a spec. */
export const groupsSchema = z
  .array(groupSchema)
  .min(1)
  .refine((groups) => groups.filter(({ match }) => match === undefined).length <= 1, {
    message: 'more than one group has no match',
  })
  .describe('settings of groups of parameters; each parameter has to be in exactly one');

/** Settings of some parameters. */
export interface ParameterGroup {
  /** Which parameters it takes; default: those that no other group takes. Every given condition has to hold. */
  readonly match?:
    | {
        readonly role?: ParameterRole | readonly ParameterRole[] | undefined;
        /** The whole name, with or without the suffix _n of TF.js; * stands for any text. */
        readonly name?: string | undefined;
        /** Layers [from, to), counted from the input as in slice: [-1] is the last one. */
        readonly depth?: readonly [number] | readonly [number, number] | undefined;
      }
    | undefined;
  /** Factor on how far the base moves these weights. Default: 1. */
  readonly learningRate?: number | undefined;
  /** Factor on the learning rate, once for each layer between this one and the output. Default: 1. */
  readonly layerDecay?: number | undefined;
  /** Factor on the perturbation. Default: 1. */
  readonly rho?: number | undefined;
  /** Factor on the base's weight decay. Default: 1. */
  readonly decay?: number | undefined;
  /** True leaves these weights as they are. Default: false. */
  readonly frozen?: boolean | undefined;
}

/** What a group says of one of its parameters. */
export interface GroupSettings {
  readonly learningRate: number;
  readonly rho: number;
  readonly decay: number;
  readonly frozen: boolean;
}

/** A parameter, and where its layer stands. */
interface Placed extends ParameterInfo {
  readonly depth: number;
}

type Match = NonNullable<ParameterGroup['match']>;

/** Layers from `from` up to, not including, `to`; both may count from the end. */
function isBetween(depth: number, [from, to = Infinity]: readonly [number] | readonly [number, number], count: number) {
  const counted = (at: number): number => (at < 0 ? at + count : at);
  return depth >= counted(from) && depth < counted(to);
}

function isIn({ role: roles, name: pattern, depth: range }: Match, { name, role, depth }: Placed, layers: number) {
  return (
    (roles === undefined || [roles].flat().includes(role)) &&
    (pattern === undefined || isNamed(pattern, name)) &&
    (range === undefined || isBetween(depth, range, layers))
  );
}

/** Where each parameter's layer stands among the layers, in the order in which they are met. */
function placed(parameters: readonly ParameterInfo[]): { readonly all: readonly Placed[]; readonly layers: number } {
  const layers = [...new Set(parameters.map(({ name }) => layerOf(name)))];
  return {
    all: parameters.map((parameter) => ({ ...parameter, depth: layers.indexOf(layerOf(parameter.name)) })),
    layers: layers.length,
  };
}

/**
 * What the groups say of each parameter.
 *
 * @param parameters all parameters of the model, frozen ones too, in the order of its layers.
 * @throws FlatminError VARIABLES_INVALID where a parameter is in no group or in several, or a group takes none.
 */
export function settingsOfGroups(
  groups: readonly ParameterGroup[],
  parameters: readonly ParameterInfo[],
): readonly GroupSettings[] {
  const { all, layers } = placed(parameters);
  const rest = groups.find(({ match }) => match === undefined);
  const found = all.map((parameter) => {
    const taking = groups.filter(({ match }) => match !== undefined && isIn(match, parameter, layers));
    if (taking.length > 1)
      throw taken(
        parameter,
        taking.map((group) => groups.indexOf(group)),
      );
    const group = taking[0] ?? rest;
    if (group === undefined) throw left(parameter, layers);
    return { group, depth: parameter.depth };
  });
  const idle = groups.findIndex((group) => group !== rest && !found.some((each) => each.group === group));
  if (idle >= 0) throw takesNone(idle, groups[idle] as ParameterGroup, parameters);
  return found.map(({ group, depth }) => ({
    learningRate: (group.learningRate ?? 1) * (group.layerDecay ?? 1) ** (layers - 1 - depth),
    rho: group.rho ?? 1,
    decay: group.decay ?? 1,
    frozen: group.frozen ?? false,
  }));
}

const invalid = (text: string): FlatminError => new FlatminError('VARIABLES_INVALID', text);

function left({ name, role, depth }: Placed, layers: number): FlatminError {
  return invalid(
    `no group takes the parameter ${show(name)} (${role}, layer ${depth} of ${layers}). Add a group that matches it, or one ` +
      'without match, which takes all that are left.',
  );
}

function taken({ name, role }: Placed, [first, second]: readonly number[]): FlatminError {
  return invalid(
    `groups ${first} and ${second} both take the parameter ${show(name)} (${role}). Change match, so that only one does.`,
  );
}

function takesNone(index: number, { match }: ParameterGroup, parameters: readonly ParameterInfo[]): FlatminError {
  const names = parameters.map(({ name }) => name);
  const some = names.slice(0, 8).join(', ');
  return invalid(
    `group ${index} matches ${show(match)}, which fits none of the parameters ${some}${names.length > 8 ? ', ...' : ''}. ` +
      'Change match, or remove the group.',
  );
}
