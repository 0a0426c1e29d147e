/**
 * What a variable is for: ASAM scales kernels and embeddings, SAM-ON perturbs normalization, decay often skips biases.
 */
export type ParameterRole = 'kernel' | 'bias' | 'normalization' | 'embedding' | 'other';

export const parameterRoles: readonly ParameterRole[] = ['kernel', 'bias', 'normalization', 'embedding', 'other'];

export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** Factor on its perturbation, if the optimizer has groups. */
  readonly rho?: number;
  /** Factor on how far the base moves it. */
  readonly learningRate?: number;
  /** Factor on the base's weight decay. */
  readonly decay?: number;
}

/** Roles given by the caller, by variable name; they override what the name and shape suggest. */
export type ParameterRoles = Readonly<Record<string, ParameterRole>>;

const roleOfSegment: Readonly<Record<string, ParameterRole>> = {
  kernel: 'kernel',
  weight: 'kernel',
  weights: 'kernel',
  depthwise_kernel: 'kernel',
  pointwise_kernel: 'kernel',
  recurrent_kernel: 'kernel',
  bias: 'bias',
  biases: 'bias',
  gamma: 'normalization',
  beta: 'normalization',
  embedding: 'embedding',
  embeddings: 'embedding',
};

/** A variable's name without the suffix that TF.js adds to a name that is taken. */
export const withoutSuffix = (name: string): string => name.replace(/_\d+$/, '');

/** The layer of a variable: its name without the last segment. */
export const layerOf = (name: string): string => name.split('/').slice(0, -1).join('/') || name;

/**
 * Whether a pattern is the whole name of a variable, with or without its suffix `_n`; `*` stands for any text, also
 * none.
 */
export function isNamed(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((text) => text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  const whole = new RegExp(`^${parts.join('.*')}$`, 's');
  return whole.test(name) || whole.test(withoutSuffix(name));
}

/** A kernel [height, width, in, multiplier], with an output for each pair of the last two. */
export const isDepthwise = ({ name }: Pick<ParameterInfo, 'name'>): boolean =>
  withoutSuffix(name.split('/').at(-1) ?? name) === 'depthwise_kernel';

/**
 * The axes within what makes one output, TF.js having outputs last: all but the last one, of a depthwise kernel but the
 * last two; of an embedding those within a row.
 */
export function axesWithinOutput(parameter: ParameterInfo): number[] {
  const axes = parameter.shape.map((_, axis) => axis);
  if (parameter.role === 'embedding') return axes.slice(1);
  return axes.slice(0, isDepthwise(parameter) ? -2 : -1);
}

/**
 * The role of a variable: by the last segment of its name without TF.js's `_n` suffix (`dense_1/kernel_2` is a kernel),
 * else by its rank: two or more is a kernel, one a bias, none other.
 */
export function roleOf(name: string, shape: readonly number[]): ParameterRole {
  const segment = withoutSuffix(name.split('/').at(-1) ?? name);
  return roleOfSegment[segment] ?? (shape.length >= 2 ? 'kernel' : shape.length === 1 ? 'bias' : 'other');
}

/** Describes variables for a step, with the caller's roles where given: by name, else by name without `_n`. */
export function describeParameters(
  variables: readonly { readonly name: string; readonly shape: readonly number[] }[],
  roles: ParameterRoles = {},
): readonly ParameterInfo[] {
  return variables.map(({ name, shape }) => ({
    name,
    shape,
    role: roles[name] ?? roles[withoutSuffix(name)] ?? roleOf(name, shape),
  }));
}
