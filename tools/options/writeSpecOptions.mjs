// Writes specOptions.ts of each package with plugins from the built packages; with --check it only says which are not
// as they would be.
import { builtInBases } from '@flatmin/core/internal';
import { rampSchemas, scheduleSchema } from '@flatmin/core/plugin';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { publishedPackages } from '../packages.mjs';
import { scheduleText, specOptionsText } from './specOptions.mjs';

/** Schemas with types of their own. */
const named = {
  Schedule: scheduleSchema,
  Ramp: z.union([z.number(), z.discriminatedUnion('schedule', [...rampSchemas('Its value', z.number())])]),
};
const texts = {
  Schedule: 'rho, or how it changes over the steps of a run.',
  Ramp: 'A number, or how one changes over the steps of a run.',
};

const root = path.join(import.meta.dirname, '../..');

/** The plugins that a package exports, by id. */
async function pluginsOf(name) {
  const found = new Map();
  for (const value of Object.values(await import(name))) {
    if (typeof value?.create === 'function' && typeof value.apiVersion === 'number') found.set(value.id, value);
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const isOfPlugins = (folder) => /packages[\\/](variants|datasets|models|lets|base-optimizers)/.test(folder);

async function files() {
  const core = path.join(root, 'packages/core/src');
  const bases = path.join(core, 'compose/specOptions.ts');
  const schedule = path.join(core, 'variant/scheduleOptions.ts');
  const own = { core: '../plugin/pluginOptions.js', namedFrom: '../variant/scheduleOptions.js' };
  const written = [
    [schedule, await scheduleText(named, texts, schedule)],
    [bases, await specOptionsText(builtInBases, { named, ...own, file: bases })],
  ];
  for (const { folder, manifest } of publishedPackages(root).filter((each) => isOfPlugins(each.folder))) {
    const plugins = await pluginsOf(manifest.name);
    if (plugins.length === 0) continue;
    const file = path.join(folder, 'src/specOptions.ts');
    const place = { named, core: '@flatmin/core', namedFrom: '@flatmin/core/plugin', file };
    written.push([file, await specOptionsText(plugins, place)]);
  }
  return written;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The line of a package's index that makes the types part of what it gives; written where it is missing. */
function withExport(file, text) {
  const names = [...text.matchAll(/export interface (\w+)/g)].map(([, name]) => name);
  const index = path.join(path.dirname(file), 'index.ts');
  const code = read(index);
  if (code === undefined || code.includes('./specOptions.js')) return [];
  return [[index, `${code.trimEnd()}\nexport type { ${names.join(', ')} } from './specOptions.js';\n`]];
}

const written = await files();
const stale = [...written, ...written.flatMap(([file, text]) => withExport(file, text))].filter(
  ([file, text]) => read(file) !== text,
);
if (!process.argv.includes('--check')) for (const [file, text] of stale) writeFileSync(file, text);
else if (stale.length > 0) {
  const names = stale.map(([file]) => path.relative(root, file)).join(', ');
  console.error(`${names}: not what the schemas say. Build, then run: npm run options`);
  process.exitCode = 1;
}
