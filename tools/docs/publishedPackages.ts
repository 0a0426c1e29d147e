import path from 'node:path';
import { publishedPackages as all } from '../release/packages.mjs';

export const root = path.join(__dirname, '../..');

/** Every published package's folder, from the root. */
export const publishedPackages = all().map(({ folder }) => path.relative(root, folder));
