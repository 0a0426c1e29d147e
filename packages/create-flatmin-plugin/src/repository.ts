import { readFileSync } from 'node:fs';
import { CreateError } from './createError.js';
import type { Names } from './names.js';
import { type GeneratedFile, renderTemplate } from './render.js';
import { renderVariant } from './variant.js';

/** What a repository says of itself. */
export interface RepositoryAbout {
  readonly description: string;
  /** SPDX id, or `SEE LICENSE IN <file>`. */
  readonly license: string;
}

/** What the tests and the build of a generated package need, in the versions that this package was released with. */
const development = [
  '@flatmin/conformance',
  '@flatmin/core',
  '@flatmin/graph',
  '@flatmin/lets',
  '@flatmin/model-layers',
  '@flatmin/sam',
  '@tensorflow/tfjs',
  '@types/node',
  'typescript',
];

/** A whole repository: the variant's sources, and what it takes to build, test and publish them. */
export function renderRepository(names: Names, about: RepositoryAbout): readonly GeneratedFile[] {
  const templates = new URL('../templates/repository/', import.meta.url);
  const values = { ...names, ...about, development, version: versionsHere() };
  const files = ['package.json', 'tsconfig.json', '.gitignore', 'README.md'];
  return [
    ...renderVariant(names, { description: about.description, place: 'repository' }),
    ...files.map((path) => ({ path, text: renderTemplate(templates, path, values) })),
  ];
}

/** Of our own manifest, whose development dependencies are those of what it generates: a release raises both. */
function versionsHere(): (name: string) => string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { devDependencies } = JSON.parse(text) as { readonly devDependencies: Readonly<Record<string, string>> };
  return (name) => {
    const version = devDependencies[name];
    if (version === undefined)
      throw new CreateError(`The package.json of create-flatmin-plugin has no version of ${name}.`);
    return version;
  };
}
