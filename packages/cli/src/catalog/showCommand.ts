import { foundConfig, requireRunFolder, rowsOf } from '@flatmin/experiments/internal';
import { print, printJson } from '@flatmin/experiments/terminal';
import { tableOf } from './listCommand.js';

/** Shows one run folder: its seeds, why one diverged, and its config. */
export async function showCommand(folder: string, { json }: { readonly json?: true }): Promise<void> {
  requireRunFolder(folder);
  const rows = await rowsOf(folder);
  const { value: config, created } = foundConfig(folder);
  if (json) {
    printJson({ folder, created, config, runs: rows });
    return;
  }
  print(`${folder}, made ${created}\n`);
  print(tableOf(rows));
  for (const { method, seed, status, reason } of rows)
    if (reason !== undefined) print(`\n${method}, seed ${seed}, ${status}: ${reason}`);
  print(`\n${JSON.stringify(config, null, 2)}`);
}
