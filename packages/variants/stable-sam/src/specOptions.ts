// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'stable-sam' }`. Stable SAM: any variant, with its final gradient scaled to the length of the clean one.
 */
export interface StableSamSpecOptions {}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'stable-sam': StableSamSpecOptions;
  }
  interface PluginKindById {
    readonly 'stable-sam': 'meta';
  }
}
