import type { MetaContext, SharpnessVariant } from '@flatmin/core/plugin';

/** The options of the algorithm; what is absent is at the default of its part. */
export interface AeLookSamSettings {
  readonly alpha?: number | undefined;
  readonly layerwise?: boolean | undefined;
  readonly delta?: number | undefined;
  readonly lambda1?: number | undefined;
  readonly lambda2?: number | undefined;
  readonly mu0?: number | undefined;
  readonly var0?: number | undefined;
  readonly totalSteps?: number | undefined;
}

/**
 * AE-LookSAM around a variant: AE-SAM decides which steps are sharp and perturb; LookSAM, asking at every step (k = 1),
 * stores what those add to the gradient and reuses it on the others.
 */
export function aeLookSamVariant(
  inner: SharpnessVariant<unknown>,
  { alpha, layerwise, ...policy }: AeLookSamSettings,
  wrap: MetaContext['wrap'],
): SharpnessVariant<unknown> {
  const aeSam = wrap({ use: 'ae-sam', ...policy }, inner);
  const component = { ...(alpha !== undefined && { alpha }), ...(layerwise !== undefined && { layerwise }) };
  return wrap({ use: 'looksam', k: 1, ...component }, aeSam);
}
