import { describe, expect, it } from '@jest/globals';
import fs from 'node:fs';
import path from 'node:path';
import { problemsOf } from './tarballRules.mjs';

const LICENSE = fs.readFileSync(path.join(import.meta.dirname, '../../LICENSE'), 'utf8');

/** The problems of a right package with these files changed; undefined leaves one out. */
function problemsWith(changed, { name = '@flatmin/sam', bytes = 1000, ...manifest } = {}) {
  const right = {
    'package.json': JSON.stringify({ name, ...manifest }),
    'README.md': '# A title\n',
    LICENSE,
    'dist/index.js': 'export {};\n//# sourceMappingURL=index.js.map\n',
    'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'], sourcesContent: ['export {};'] }),
  };
  const files = Object.entries({ ...right, ...changed }).filter(([, text]) => text !== undefined);
  return problemsOf(new Map(files), bytes);
}

describe('what is said of an archive', () => {
  it('is nothing where all is right', () => expect(problemsWith({})).toEqual([]));

  it.each([
    ['a test', { 'dist/index.spec.js': '' }, ['dist/index.spec.js is of tests or of the build']],
    ['a fixture', { 'dist/toy.fixture.d.ts': '' }, ['dist/toy.fixture.d.ts is of tests or of the build']],
    ['build information', { 'dist/a.tsbuildinfo': '' }, ['dist/a.tsbuildinfo is of tests or of the build']],
    ['sources', { 'src/index.ts': '' }, [/^src\/index.ts is not expected/]],
    ['a folder of another package', { 'golden/a.json': '' }, [/^golden\/a.json is not expected/]],
    ['no README', { 'README.md': undefined }, [/^README.md is missing/]],
    ['another license', { LICENSE: 'MIT' }, ['LICENSE is not that of the repository']],
    ['no map', { 'dist/index.js.map': undefined }, [/^dist\/index.js names the map index.js.map, which is not there/]],
    ['a map without sources', { 'dist/index.js.map': '{"sources":["a.ts"]}' }, [/does not hold its sources/]],
  ])('names %s', (_, changed, problems) => {
    const matching = problems.map((each) => (each instanceof RegExp ? expect.stringMatching(each) : each));
    expect(problemsWith(changed)).toEqual(matching);
  });

  it('names what grew too large', () => {
    expect(problemsWith({}, { bytes: 50_000 })).toEqual([expect.stringMatching(/^48.8 KiB packed are more than/)]);
    expect(problemsWith({}, { bytes: 50_000, name: '@flatmin/core' })).toEqual([]);
  });

  it('names a command that is not a program, and a folder that the README keeps quiet about', () => {
    const flatmin = { name: 'flatmin', bin: { flatmin: './bin/flatmin.js' } };
    const problems = problemsWith({ 'bin/flatmin.js': 'import "../dist/bin.js";\n' }, flatmin);
    expect(problems).toEqual([
      'README.md does not say what the folder bin is',
      expect.stringMatching(/^the command .\/bin\/flatmin.js is missing, or does not start/),
    ]);
  });
});
