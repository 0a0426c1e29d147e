// Puts the LICENSE of the repository into every package's folder, because npm packs no file from outside of it. The
// copies are made before packing and are not committed.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/steps.mjs';
import { publishedPackages } from '../packages.mjs';

export function copyLicenses() {
  for (const { folder } of publishedPackages())
    fs.copyFileSync(path.join(ROOT, 'LICENSE'), path.join(folder, 'LICENSE'));
}
