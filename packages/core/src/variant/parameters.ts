/** What a variable is for: ASAM scales kernels and embeddings, SAM-ON perturbs normalization, decay spares biases. */
export type ParameterRole = 'kernel' | 'bias' | 'normalization' | 'embedding' | 'other';

export const parameterRoles: readonly ParameterRole[] = ['kernel', 'bias', 'normalization', 'embedding', 'other'];

export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** A factor of its perturbation, where the optimizer has groups. */
  readonly rho?: number;
  /** A factor of how far the base moves it. */
  readonly learningRate?: number;
  /** A factor of the base's weight decay. */
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
