import type { BaseOptimizer } from '../base/contract.js';
import type { Services } from '../contracts/services.js';
import type { LossFunction } from '../loss/loss.js';
import type { ParameterGroup } from '../variant/parameterGroups.js';
import type { ParameterRole, ParameterRoles } from '../variant/parameters.js';
import type { ScheduleSpec } from '../variant/schedule.js';
import type { SharpnessVariant } from '../variant/variant.js';
import type { Spec } from '../plugin/spec.js';

/** What a spec cannot hold. A member that is undefined counts as absent; members that are not needed are ignored. */
export interface OptimizerContext {
  /** The held-out loss of LETS. */
  readonly validationLoss?: LossFunction | undefined;
  /** The number of steps of the run, for schedules and gates that need it. */
  readonly totalSteps?: number | undefined;
  /** Roles of variables by name; they override what names and shapes suggest. */
  readonly parameters?: ParameterRoles | readonly { readonly name: string; readonly role: ParameterRole }[] | undefined;
  /**
   * True if nothing will be attached later: a variant that needs more than this context has is then refused now, not at
   * its first step.
   */
  readonly complete?: boolean | undefined;
}

/** Everything an optimizer is made of. The composer writes it from a spec. */
export interface OptimizerSetup extends Services {
  readonly variant: SharpnessVariant<unknown>;
  /** Absent for a base alone, and where the variant keeps rho in its state. */
  readonly radius?: ScheduleSpec;
  /** rho as the spec gave it; absent where the variant's default stands. */
  readonly givenRadius?: unknown;
  readonly base?: BaseOptimizer;
  readonly clipNorm?: number;
  /** True takes from each kernel's final gradient its mean over all axes but the output's. */
  readonly centralize?: boolean;
  /** Settings of groups of parameters. */
  readonly groups?: readonly ParameterGroup[];
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
