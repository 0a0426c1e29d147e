import path from 'node:path';
import { openFile, type ReadOptions } from '../config/checkConfig.js';
import { withPathsFrom } from '../config/specPaths.js';
import { gridOf } from '../grid/gridOf.js';
import type { CompareConfig } from '../grid/compareConfig.js';
import type { Grid } from '../grid/grid.js';
import type { Distribution } from '../plugins/distribution.js';
import type { ConfigOrigin } from '../run/relocatedConfig.js';

/** A config of a comparison, and what it takes to run it. */
export interface OpenedComparison extends ConfigOrigin {
  /** Names the config in errors. */
  readonly file: string;
  readonly config: CompareConfig;
  readonly grid: Grid;
  readonly distribution: Distribution;
  /** Names of plugins that were refused; each has been said on standard error. */
  readonly refused: readonly string[];
}

/**
 * Reads the config of a comparison and checks all of it, but for what only its data can tell.
 *
 * @throws FlatminError SPEC_INVALID with every problem, by path.
 */
export async function readComparison(
  file: string,
  distribution: Distribution,
  options: ReadOptions = {},
): Promise<OpenedComparison> {
  const { value, ...opened } = await openFile(file, distribution, options);
  return openComparison(value, file, { ...opened, distribution });
}

/** The same of a config that is there as a value; paths of its models are meant from the folder of `file`. */
export function openComparison(
  value: unknown,
  file: string,
  opened: Pick<OpenedComparison, 'container' | 'requests' | 'refused' | 'distribution'>,
): OpenedComparison {
  const { container } = opened;
  const { grid, config } = gridOf(value, file, container);
  const folder = path.dirname(file);
  const cells = grid.cells.map((cell) => ({
    ...cell,
    config: { ...cell.config, model: withPathsFrom(cell.config.model, container, folder) },
  }));
  return { ...opened, file, config, grid: { ...grid, cells } };
}
