import type { Plugin } from '@flatmin/core/plugin';

/** The package that the command belongs to, which says what the command starts with. */
export interface Distribution {
  /** What `--version` prints, and the release that an exported model asks for. */
  readonly version: string;
  /**
   * Address of the module whose `officialPlugins` every container of the command has; worker processes import it, too.
   */
  readonly plugins: string;
}

/** The plugins of a distribution. */
export async function pluginsOfDistribution({ plugins }: Pick<Distribution, 'plugins'>): Promise<readonly Plugin[]> {
  const { officialPlugins } = (await import(plugins)) as { readonly officialPlugins: readonly Plugin[] };
  return officialPlugins;
}
