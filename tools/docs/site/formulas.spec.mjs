import { describe, expect, it } from '@jest/globals';
import katex from 'katex';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { publishedPackages } from '../../packages.mjs';
import { ROOT as root } from '../../setup/steps.mjs';
import { formulas } from './formulas.mjs';

const readmes = publishedPackages().map(({ place }) => path.join(place, 'README.md'));
const others = ['docs/reference/variants.md', 'docs/guides/how-it-works.md', 'docs/guides/write-a-variant.md'];
const pages = [...readmes, ...others].map((file) => {
  const text = readFileSync(path.join(root, file), 'utf8');
  return { file, text, found: [...text.matchAll(/^```math\n([^]*?)^```$/gm)].map(([, tex]) => tex) };
});

describe('formulas', () => {
  it.each(pages.filter(({ found }) => found.length > 0))('of $file can be set, each of them', ({ found }) => {
    for (const tex of found) {
      const html = katex.renderToString(tex, { displayMode: true, throwOnError: true, strict: formulas.logger });
      expect(html).toContain('class="katex"');
    }
  });

  it('stand in the README of every variant, and on the page of variants as they are there', () => {
    const page = pages.find(({ file }) => file === 'docs/reference/variants.md')?.text;
    const variants = pages.filter(({ file }) => file.startsWith('packages/variants/'));
    expect(variants.filter(({ found }) => found.length === 0).map(({ file }) => file)).toEqual([]);
    for (const { found } of variants) for (const tex of found) expect(page).toContain(tex);
  });

  it('with a mistake end the build, and the others are not for Vue to read', () => {
    expect(() => katex.renderToString('\\nabla_{', { throwOnError: true })).toThrow(katex.ParseError);
    expect(() => formulas.transformer("<p class='katex-block katex-error' title='x'>y</p>")).toThrow(/cannot be set/);
    expect(formulas.transformer(katex.renderToString('g'))).toMatch(/^<span v-pre class="katex">/);
  });
});
