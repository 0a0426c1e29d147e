// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'stable-sam' }`. Stable SAM: any variant, its final gradient made as long as the clean one.
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
