import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { markdownFiles } from './codeBlocks.js';
import { publishedPackages } from '../packages.mjs';
import { ROOT as root } from '../setup/steps.mjs';

/** What JavaScript itself calls, or looks like a call. */
const ofTheLanguage = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'function',
  'return',
  'await',
  'import',
  'super',
]);

/** Every name that a source file below a folder declares or exports. */
function namesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .flatMap(({ name, parentPath }) => {
      const source = readFileSync(path.join(parentPath, name), 'utf8');
      return [...source.matchAll(/^export (?:async |abstract )?(?:function|const|class) (\w+)/gm)].map(
        ([, each]) => each,
      );
    });
}

const known = new Set(publishedPackages().flatMap(({ folder }) => namesBelow(path.join(folder, 'src'))));

/** What a Markdown file calls in blocks that nobody runs, and defines nowhere in it. */
function unknownCalls(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const code = [...text.matchAll(/^```(?:js|ts|javascript|typescript)[^\n]*\n([\s\S]*?)^```/gm)]
    .map(([, block]) => block)
    .join('\n');
  const fragments = [...text.matchAll(/^```(?:js|ts) fragment\n([\s\S]*?)^```/gm)].map(([, block]) => block).join('\n');
  const called = [...fragments.replaceAll(/\/\/.*$/gm, '').matchAll(/(?<![.\w])([a-z]\w*)\(/g)].map(([, each]) => each);
  const isDefined = (each: string): boolean =>
    new RegExp(`(?:const|let|function|[{,(])\\s*(?:async )?${each}\\b(?!\\()|^\\s+${each}\\(.*\\{$`, 'm').test(code);
  return [...new Set(called)].filter((each) => !ofTheLanguage.has(each) && !known.has(each) && !isDefined(each));
}

describe('case 26: code in READMEs and guides that is for reading', () => {
  const files = markdownFiles(root).filter((file) => / fragment\n/.test(readFileSync(file, 'utf8')));

  it.each(files.map((file) => [path.relative(root, file), file]))('%s calls what exists', (_, file) => {
    expect(unknownCalls(file)).toEqual([]);
  });
});
