import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './publishedPackages.js';

/** A package of docs/examples, as somebody else would publish it. One that is private is a program, not a plugin. */
export interface ExamplePackage {
  readonly name: string;
  readonly folder: string;
  /** Everything it may import besides Node's own modules and itself. */
  readonly declared: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const examples = path.join(root, 'docs/examples');

export const examplePackages: readonly ExamplePackage[] = readdirSync(examples)
  .map((name) => path.join(examples, name))
  .filter((folder) => existsSync(path.join(folder, 'package.json')))
  .flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
    const { dependencies, devDependencies, name, peerDependencies } = manifest;
    if (manifest.private === true) return [];
    return { name, folder, declared: Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies }) };
  });
