import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CreateError } from './createError.js';
import { type Names, namesOf } from './names.js';
import { officialIds } from './officialIds.js';
import { renderRepository } from './repository.js';
import { type Gap, gapsOf, noDescription } from './variant.js';

export interface CreateOptions {
  /** Where to write; default: a folder named as the package, without its scope, in the working directory. */
  readonly directory?: string;
  /** The id in specs; default: the package's name without scope and without the prefix `flatmin-`. */
  readonly id?: string;
  /** One sentence: what the variant minimizes, or what it perturbs by. */
  readonly description?: string;
  /** SPDX id; default: MIT. */
  readonly license?: string;
  /** Writes into a folder that holds files; those of the same names are replaced. */
  readonly force?: boolean;
}

/** What was written, and what its author has to fill in. */
export interface CreatedPlugin extends Names {
  readonly directory: string;
  /** Paths from `directory`. */
  readonly files: readonly string[];
  readonly gaps: readonly Gap[];
}

/**
 * Writes the repository of a variant of your own: sources, tests on the conformance kit, manifest, README. As generated
 * it builds, and its test fails with what is to be filled in.
 *
 * @param packageName as on npm, with or without a scope.
 * @throws CreateError before anything is written: a bad name, or a folder that holds files already.
 * @example
 * ```ts
 * const { directory, gaps } = createPlugin('flatmin-my-sam', { description: 'SAM along a moving average.' });
 * ```
 */
export function createPlugin(packageName: string, options: CreateOptions = {}): CreatedPlugin {
  const { description = noDescription, force = false, id, license = 'MIT' } = options;
  const names = namesOf(packageName, id);
  refuseOfficial(names);
  const files = renderRepository(names, { description, license });
  const directory = path.resolve(options.directory ?? packageName.replace(/^@.*\//, ''));
  if (!force) refuseFiles(directory);
  for (const file of files) {
    const target = path.join(directory, file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, file.text);
  }
  return { ...names, directory, files: files.map((file) => file.path), gaps: gapsOf(files) };
}

/** Beside flatmin's own plugins one of the same id would be refused (PLUGIN_DUPLICATE). */
function refuseOfficial({ id }: Names): void {
  if (!officialIds.includes(id)) return;
  throw new CreateError(
    `"${id}" is one of flatmin's own ids. Choose another one, such as my-${id}, by the name or with --id.`,
  );
}

/** A fresh clone of an empty repository is empty, too. */
function refuseFiles(directory: string): void {
  const found = entriesOf(directory).filter((name) => name !== '.git');
  if (found.length === 0) return;
  throw new CreateError(
    `${directory} is not empty (${found.slice(0, 3).join(', ')}${found.length > 3 ? ', ...' : ''}). ` +
      'Name another with --directory, or overwrite files of the same names with --force.',
  );
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new CreateError(
      `${directory} is not a folder that can be written to (${code}). Name another with --directory.`,
    );
  }
}
