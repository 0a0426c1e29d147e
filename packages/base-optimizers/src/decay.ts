import { type ParameterRole, parameterRoles } from '@flatmin/core/plugin';
import * as z from 'zod';

/** Which weights decay, and how. */
export interface Decay {
  /** lambda. */
  readonly weightDecay: number;
  /** True shrinks the weights themselves by 1 - learningRate lambda, false adds lambda theta to the gradient. */
  readonly decoupled: boolean;
  readonly decayRoles: readonly ParameterRole[];
}

export const weightDecay = z.number().min(0);

export const decayRoles = z
  .array(z.enum(parameterRoles))
  .min(1)
  .default([...parameterRoles])
  .describe(
    'Roles of the parameters that decay; ["kernel", "embedding"] excludes biases and normalization. Default: all.',
  );

export const learningRate = z.number().min(0);

export const fraction = z.number().min(0).lt(1);
