import type { BaseOptimizer } from '../base/contract.js';
import type { ParameterRoles } from '../variant/parameters.js';
import type { RadiusSpec } from '../variant/schedule.js';
import type { Services } from '../contracts/services.js';
import type { SharpnessVariant } from '../variant/variant.js';

/** A spec as it stands in JSON: which plugin, and its options. */
export interface Spec {
  readonly use: string;
  readonly [option: string]: unknown;
}

/** Everything an optimizer is made of. The composer writes it from a spec. */
export interface Recipe extends Services {
  readonly variant: SharpnessVariant<unknown>;
  /** Absent for a base alone, and where the variant keeps rho in its state. */
  readonly radius?: RadiusSpec;
  /** rho as the spec gave it; absent where the variant's default stands. */
  readonly givenRadius?: unknown;
  readonly base?: BaseOptimizer;
  readonly clipNorm?: number;
  /** Micro-batches that every pass is cut into; 1 for whole batches. */
  readonly accumulate: number;
  readonly guard: boolean;
  readonly seed: number;
  readonly totalSteps?: number;
  readonly roles: ParameterRoles;
  /** What `getConfig` writes. */
  readonly spec: Spec;
  /** What in the spec exists in code only, so that `getConfig` refuses. */
  readonly codeOnly?: string;
}
