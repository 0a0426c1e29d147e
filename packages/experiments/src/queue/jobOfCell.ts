import type { PlannedComparison } from '../compare/planComparison.js';
import { nameOfCell } from '../compare/cellDisplay.js';
import type { PlacedCell } from '../compare/runCells.js';
import { printOfPlugin } from '../plugins/printOfPlugin.js';
import type { RunJob } from './runJob.js';
import type { RunStorage } from './runStorage.js';

/** What of a comparison goes into all of its jobs. */
export type JobContext = Pick<RunJob, 'version' | 'backend' | 'threads' | 'plugins' | 'storage'>;

export function jobContextOf(
  { distribution, backend, threads, requests, refused }: PlannedComparison,
  { kind }: Pick<RunStorage, 'kind'>,
): JobContext {
  const plugins = requests.filter((request) => !refused.includes(request.name)).map(printOfPlugin);
  return { version: distribution.version, backend: backend.name, threads, plugins, storage: kind };
}

export function jobOfCell(placed: PlacedCell, context: JobContext): RunJob {
  // What a worker loads it was told itself.
  const config = Object.fromEntries(Object.entries(placed.cell.config).filter(([name]) => name !== 'plugins'));
  return { ...context, name: nameOfCell(placed), config, data: placed.data, refusals: {}, putBack: 0 };
}
