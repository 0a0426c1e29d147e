import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT as root } from '../../setup/steps.mjs';
import { canonical } from './canonical.mjs';
import { entryPoints } from './entryPoints.mjs';
import { exportedAny } from './reportCode.mjs';
import { reportsOf } from './reports.mjs';

const report = (code) => `## API Report\n\n\`\`\`ts\n${code}\n\`\`\`\n`;

describe('any in a report', () => {
  it('is found wherever it stands in a type, and named by its declaration', () => {
    expect(exportedAny(report('export function f(x: Map<string, any[]>): void;'))).toEqual([
      'any in what is exported: export function f(x: Map<string, any[]>): void;',
    ]);
  });

  it('is not a word of a comment, a text or a name', () => {
    expect(exportedAny(report('// any\nexport const any: "any" | unknown;'))).toEqual([]);
  });
});

describe('the order of what has none', () => {
  it('is one, in unions and in object types, however deep', () => {
    const made = (code) => canonical(`// why\n${code}\n`);
    const expected = '// why\nexport type A = Map<"a" | "b" | undefined, {\n    c: 1 | 2;\n    d?: "e";\n}>;\n';
    expect(made('export type A = Map<"a" | "b" | undefined, {\n    c: 1 | 2;\n    d?: "e";\n}>;')).toBe(expected);
    expect(made('export type A = Map<"b" | "a" | undefined, {\n    d?: "e";\n    c: 2 | 1;\n}>;')).toBe(expected);
  });

  it('leaves what has an order', () => {
    const code = 'export const f: (b: number, a: string) => [2, 1];\n\n// (No @packageDocumentation comment)\n';
    expect(canonical(code)).toBe(code);
  });
});

describe('a package that exports too little', () => {
  let folder;
  beforeAll(() => {
    // Not below node_modules, whose packages are not looked into, nor outside the project, whose @types/node is needed.
    mkdirSync(path.join(root, 'tools/docs/reports/dist'), { recursive: true });
    folder = mkdtempSync(path.join(root, 'tools/docs/reports/dist/toys-'));
    for (const parent of ['packages/toy/dist', 'packages/variants', 'packages/datasets', 'packages/models']) {
      mkdirSync(path.join(folder, parent), { recursive: true });
    }
    const exports = {
      '.': { types: './dist/index.d.ts', browser: { types: './dist/browser.d.ts' } },
      './node': { types: './dist/node.d.ts' },
      './package.json': './package.json',
    };
    writeFileSync(path.join(folder, 'packages/toy/package.json'), JSON.stringify({ name: '@toys/toy', exports }));
    const write = (file, code) => writeFileSync(path.join(folder, 'packages/toy/dist', file), code);
    write('index.d.ts', "export { toy as default } from './toy.js';\n");
    write('toy.d.ts', 'interface Hidden {}\nexport declare function toy(of: Hidden): void;\n');
    write('browser.d.ts', 'export declare function open(more?: any): void;\n');
    write('node.d.ts', 'export declare const kept: number;\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is refused by the name that is missing, and each of its entry points has a report', () => {
    const reports = reportsOf(entryPoints(folder), folder);
    expect(reports.map((each) => each.report)).toEqual([
      'packages/toy/etc/toy.api.md',
      'packages/toy/etc/toy.browser.api.md',
      'packages/toy/etc/toy.node.api.md',
    ]);
    const [main, browser, node] = reports.map(({ problems }) => problems.join('\n'));
    expect(main).toMatch(/ae-forgotten-export.*"Hidden"/);
    expect(browser).toBe('any in what is exported: export function open(more?: any): void;');
    expect(node).toBe('');
    expect(reports[2].text).toContain('export const kept: number;');
  });
});
