import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(__dirname, '../..');

/** Every published package's folder, from the root. */
export const publishedPackages = ['packages', 'packages/variants', 'packages/datasets', 'packages/models'].flatMap(
  (parent) =>
    readdirSync(path.join(root, parent))
      .map((name) => path.join(parent, name))
      .filter((each) => existsSync(path.join(root, each, 'package.json'))),
);
