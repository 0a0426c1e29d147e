// What every published package has alike: its manifest but for what is its own, its tsconfig, its jest configuration.
// `npx nx sync` writes these files, and a test says where one differs.
import path from 'node:path';

const published = ['dist', '!dist/**/*.spec.*', '!dist/**/*.tsbuildinfo', 'README.md', 'CHANGELOG.md'];

/** The last keyword, by the folder in which a package lies; those of the framework choose their own. */
const kinds = { 'packages/variants': 'optimizer', 'packages/datasets': 'dataset', 'packages/models': 'model' };

/**
 * The manifest as it has to be: what is the package's own is kept, and everything else written again.
 *
 * @param folder of the package, from the root.
 * @param own manifest as it stands; for a new package `name`, `description`, the dependencies and the tag in `nx` are
 *   enough.
 */
export function manifestOf(folder, own) {
  return {
    name: own.name,
    version: own.version ?? '0.1.0',
    description: own.description,
    license: own.license ?? 'Apache-2.0',
    type: 'module',
    repository: { type: 'git', url: 'git+https://github.com/flatmin/flatmin.git', directory: folder },
    keywords: keywordsOf(folder, own),
    exports: exportsOf(own.exports ?? { '.': { '@flatmin/source': './src/index.ts' } }),
    ...optional('imports', own),
    ...optional('bin', own),
    types: './dist/index.d.ts',
    main: './dist/index.js',
    files: [...(own.files ?? []).filter((file) => !published.includes(file)), ...published],
    sideEffects: own.sideEffects ?? false,
    engines: { node: '>=20.19' },
    publishConfig: { access: 'public', provenance: true },
    scripts: { build: 'tsc -b', test: 'jest', lint: 'eslint .' },
    ...rangesOf('dependencies', own, '^'),
    ...rangesOf('optionalDependencies', own, '^'),
    ...rangesOf('peerDependencies', own, '^'),
    ...optional('peerDependenciesMeta', own),
    ...rangesOf('devDependencies', own, ''),
    nx: own.nx,
  };
}

/**
 * Where a package's sources are compiled to, and what it is compiled against: its dependencies within the workspace.
 */
export function tsconfigOf(folder, manifest, folders) {
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  const needed = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return {
    extends: `${toRoot(folder)}/tsconfig.base.json`,
    compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/tsconfig.tsbuildinfo' },
    include: ['src'],
    exclude: ['src/**/*.spec.ts', 'src/**/*.fixture.ts'],
    references: referencesTo(
      needed.flatMap((name) => folders.get(name) ?? []).map((each) => path.posix.relative(folder, each)),
    ),
  };
}

/** A configuration of jest that a package has instead stands on the same preset. */
export function jestConfigOf(folder, own = '') {
  const preset = `require('${toRoot(folder)}/tools/jest/preset.cjs')(__dirname);\n`;
  return own.includes(preset) ? own : `module.exports = ${preset}`;
}

/** A tsconfig of the root, with all packages among its references, before those to other places. */
export function withReferences(config, folders) {
  const others = config.references.filter((each) => !each.path.startsWith('./packages/'));
  return { ...config, references: [...referencesTo(folders.map((folder) => `./${folder}`)), ...others] };
}

/** Sentences on what no one can write for a package but its author. */
export function missingOf(folder, { description, nx }, files) {
  return [
    ...(description ? [] : ['package.json has no description']),
    ...(nx?.tags?.filter((tag) => tag.startsWith('type:')).length === 1
      ? []
      : ['package.json has not one tag type:... in nx.tags, by which eslint.config.mjs knows what it may import']),
    ...(files.includes('README.md') ? [] : ['README.md is missing']),
  ].map((sentence) => `${folder}: ${sentence}`);
}

function keywordsOf(folder, { keywords = [], name }) {
  const kind = kinds[path.posix.dirname(folder)];
  const first = ['tensorflow', 'tfjs'];
  if (kind === undefined) return [...first, ...keywords.filter((word) => !first.includes(word))];
  return [...first, 'sharpness-aware-minimization', name.replace(/^@flatmin\/((dataset|model)-)?/, ''), kind];
}

/**
 * Each entry is compiled from a source of its own; the conditions of browsers and entries without a source are the
 * package's.
 */
function exportsOf(entries) {
  const each = Object.entries(without(entries, './package.json')).map(([entry, target]) => {
    const source = target['@flatmin/source'];
    if (source === undefined) return [entry, target];
    const compiled = source.replace(/^\.\/src\/(.*)\.ts$/, './dist/$1');
    // Conditions count in their order: what holds everywhere comes last.
    return [entry, { ...without(target, 'types', 'default'), types: `${compiled}.d.ts`, default: `${compiled}.js` }];
  });
  return { ...Object.fromEntries(each), './package.json': './package.json' };
}

/** What users install has ranges, so that two packages can share one copy; what only we install has exact versions. */
function rangesOf(kind, own, prefix) {
  if (own[kind] === undefined) return {};
  const sorted = Object.entries(own[kind]).sort(([a], [b]) => (a < b ? -1 : 1));
  return { [kind]: Object.fromEntries(sorted.map(([name, range]) => [name, range.replace(/^\^?(?=\d)/, prefix)])) };
}

function without(object, ...keys) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function optional(key, own) {
  return own[key] === undefined ? {} : { [key]: own[key] };
}

function referencesTo(folders) {
  return [...folders].sort().map((each) => ({ path: each }));
}

function toRoot(folder) {
  return path.posix.relative(folder, '');
}
