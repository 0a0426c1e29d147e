import { CreateError } from './createError.js';
import type { Names } from './names.js';
import { type GeneratedFile, renderTemplate } from './render.js';

/** Where a variant's package lives: in a repository of its own, or in the workspace of flatmin. */
export type Place = 'repository' | 'workspace';

/** What a variant is, besides its names. */
export interface VariantAbout {
  /** One sentence: what it minimizes, or what it perturbs by. */
  readonly description: string;
  readonly place: Place;
}

/** The test of a package of its own is found by `node --test`, that of the workspace by its jest. */
const testNames: Readonly<Record<Place, string>> = { repository: 'test', workspace: 'spec' };

/** The description of a variant of which nothing is said yet. */
export const noDescription = 'Fill in: one sentence on what it minimizes.';

/** The sources of a variant: algorithm, plugin, index and the test that runs the conformance kit. */
export function renderVariant(names: Names, { description, place }: VariantAbout): readonly GeneratedFile[] {
  if (/[\n\r]/.test(description)) throw new CreateError('The description has more than one line. Give one sentence.');
  const templates = new URL('../templates/variant/', import.meta.url);
  const conformance = `src/conformance.${testNames[place]}.ts`;
  const paths: Readonly<Record<string, string>> = {
    'algorithm.ts': `src/${names.camel}.ts`,
    'plugin.ts': 'src/plugin.ts',
    'index.ts': 'src/index.ts',
    'conformance.ts': conformance,
  };
  return Object.entries(paths).map(([name, path]) => ({
    path,
    text: renderTemplate(templates, name, { ...names, description, place, conformance }),
  }));
}

/** A line that waits for its author. */
export interface Gap {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** What is to be filled in. */
  readonly what: string;
}

/** The lines of generated files that say "Fill in", or hold NaN for a number. */
export function gapsOf(files: readonly GeneratedFile[]): readonly Gap[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .map((line, i) => ({ path, line: i + 1, what: line.trim() }))
      .filter(({ what }) => /fill in|\bNaN\b/i.test(what)),
  );
}
