/** What stands once in an optimizer spec, at whatever level. */
export const sharedOptions = ['base', 'clipNorm', 'accumulate', 'guard', 'seed'] as const;
export type SharedOption = (typeof sharedOptions)[number];

/** What every variant takes beside its own options. */
export const variantOptions = ['every', 'start', 'end', 'microBatches'] as const;
