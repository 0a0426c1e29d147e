// What a published package holds: our own rules, beside those of publint and Are the Types Wrong.
import fs from 'node:fs';
import path from 'node:path';

const limits = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'limits.json'), 'utf8'));
const LICENSE = fs.readFileSync(path.join(import.meta.dirname, '../../LICENSE'), 'utf8');

/** Sentences on what is wrong with an archive of these files (name to text) and of this size. */
export function problemsOf(contents, bytes) {
  const manifest = JSON.parse(contents.get('package.json'));
  return [
    ...unexpectedFiles(manifest, contents),
    ...missingFiles(manifest, contents),
    ...mapsToNowhere(contents),
    ...tooLarge(manifest, bytes),
  ];
}

function unexpectedFiles({ name }, contents) {
  const files = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'];
  const folders = [...limits.folders.any, ...(limits.folders[name] ?? [])];
  return [...contents.keys()].flatMap((file) => {
    if (/(^|\/)(test|tests|__tests__)\/|\.(spec|test|fixture)\.|tsbuildinfo$/.test(file) && file.startsWith('dist/'))
      return [`${file} is of tests or of the build`];
    const expected = files.includes(file) || folders.includes(file.split('/')[0]);
    return expected ? [] : [`${file} is not expected: add its folder to limits.json if its README says what it is for`];
  });
}

function missingFiles({ name, bin = {} }, contents) {
  const readme = contents.get('README.md') ?? '';
  const unexplained = (limits.folders[name] ?? []).filter((folder) => {
    const words = folder === 'bin' ? Object.keys(bin) : [folder];
    return !words.every((word) => readme.includes(word));
  });
  return [
    ...(readme.startsWith('# ') ? [] : ['README.md is missing, or does not start with a title']),
    ...(contents.get('LICENSE') === LICENSE ? [] : ['LICENSE is not that of the repository']),
    ...unexplained.map((folder) => `README.md does not say what the folder ${folder} is`),
    ...Object.values(bin)
      .filter((file) => !contents.get(path.posix.normalize(file))?.startsWith('#!/usr/bin/env node\n'))
      .map((file) => `the command ${file} is missing, or does not start with "#!/usr/bin/env node"`),
  ];
}

/** Maps are shipped, and hold the sources: a stack trace or a debugger then shows TypeScript, without `src`. */
function mapsToNowhere(contents) {
  return [...contents].flatMap(([file, text]) => {
    if (file.endsWith('.map')) {
      const { sources, sourcesContent = [] } = JSON.parse(text);
      return sources.every((_, i) => typeof sourcesContent[i] === 'string')
        ? []
        : [`${file} does not hold its sources`];
    }
    if (!/\.[cm]?(js|d\.ts)$/.test(file)) return [];
    const map = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(text)?.[1];
    const found = map === undefined || contents.has(path.posix.join(path.posix.dirname(file), map));
    return found ? [] : [`${file} names the map ${map}, which is not there`];
  });
}

function tooLarge({ name }, bytes) {
  const limit = limits.KiB[name] ?? limits.KiB.any;
  if (bytes <= limit * 1024) return [];
  return [`${(bytes / 1024).toFixed(1)} KiB packed are more than its limit in limits.json, ${limit} KiB`];
}
