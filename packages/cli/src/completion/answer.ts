import tabtab from '@pnpm/tabtab';
import type { Command } from 'commander';
import type { Distribution } from '@flatmin/experiments';
import { completionsOf } from './completionsOf.js';

/** Answers the script of a shell: what the word at the cursor may become. */
export async function answer(program: Command, distribution: Distribution, env = process.env): Promise<void> {
  const line = (env['COMP_LINE'] ?? '').slice(0, Number(env['COMP_POINT'] ?? Infinity));
  const shell = tabtab.getShellFromEnv(env);
  const [, ...words] = line.trimStart().split(/\s+/);
  const { words: found, ids, files } = completionsOf(program, words);
  const all = [...found, ...(ids === undefined ? [] : await idsOf(ids, distribution))];
  const fitting = all.filter(({ name }) => name.startsWith(words.at(-1) ?? ''));
  if (fitting.length > 0) tabtab.log(fitting, shell);
  // bash completes files by itself where there is nothing else.
  else if (files && shell !== 'bash') tabtab.logFiles();
}

async function idsOf(kinds: readonly string[], distribution: Distribution) {
  // Loaded where ids are asked for: it takes half a second.
  const { openContainer } = await import('@flatmin/experiments/internal');
  const { container } = await openContainer([], distribution);
  return container
    .plugins()
    .filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
    .map(({ id, description = '' }) => ({ name: id, description }));
}
