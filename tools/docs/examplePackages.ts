import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT as root } from '../setup/steps.mjs';

/** A plugin of docs/examples, as somebody else would publish it. */
export interface ExamplePackage {
  readonly name: string;
  readonly folder: string;
  /** Its kind of plugin, as its folder has it: `third-party-meta`. */
  readonly kind: string;
  /** Everything it may import besides Node's own modules and itself. */
  readonly declared: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly keywords?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const examples = path.join(root, 'docs/examples');

/** Those that call themselves plugins: an application, as the page for browsers, is none. */
export const examplePackages: readonly ExamplePackage[] = readdirSync(examples)
  .map((name) => path.join(examples, name))
  .filter((folder) => existsSync(path.join(folder, 'package.json')))
  .flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
    const { dependencies, devDependencies, keywords, name, peerDependencies } = manifest;
    if (keywords?.includes('flatmin-plugin') !== true) return [];
    const declared = Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies });
    return [{ name, folder, kind: path.basename(folder).replace('third-party-', ''), declared }];
  });
