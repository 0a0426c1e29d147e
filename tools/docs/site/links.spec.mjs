import { describe, expect, it } from '@jest/globals';
import { linkCheck } from './anchors.mjs';
import { destinationOf, slugify } from './links.mjs';

describe('links of the repository on the site', () => {
  it.each([
    ['../../core', 'packages/variants/sam/README.md', '/packages/core'],
    ['../flatmin#flatmin-train', 'packages/core/README.md', '/packages/flatmin#flatmin-train'],
    ['../../docs/reference/errors.md', 'packages/core/README.md', '/reference/errors'],
    ['../../packages/lets', 'docs/guides/choose-rho.md', '/packages/lets'],
    ['../examples/third-party-variant', 'docs/reference/variants.md', '/examples/third-party-variant/'],
    ['docs/decisions', 'CONTRIBUTING.md', '/decisions/'],
  ])('%s in %s leads to the page %s', (link, from, page) => {
    expect(destinationOf(link, from)).toBe(page);
  });

  it.each([
    [
      '../../packages/core/src/variant/variant.ts',
      'docs/guides/write-a-variant.md',
      'blob/main/packages/core/src/variant/variant.ts',
    ],
    ['../../tools/native-backend', 'docs/guides/troubleshoot.md', 'tree/main/tools/native-backend'],
    ['../../README.md#use-it', 'docs/guides/use-a-variant.md', 'blob/main/README.md#use-it'],
  ])('%s in %s leads to the repository: %s', (link, from, file) => {
    expect(destinationOf(link, from)).toBe(`https://github.com/flatmin/flatmin/${file}`);
  });

  it.each(['../../packages/sma', 'use-a-varient.md', '../../../etc'])('%s is refused by name', (link) => {
    expect(() => destinationOf(link, 'docs/guides/a.md')).toThrow(
      `docs/guides/a.md links to ${link}, which is not there`,
    );
  });

  it('names headings as GitHub does', () => {
    expect(slugify('Why not `model.compile`?')).toBe('why-not-modelcompile');
    expect(slugify('`flatmin train`')).toBe('flatmin-train');
    expect(slugify("SAM's ball, of radius 0.05")).toBe('sams-ball-of-radius-005');
  });
});

describe('the check of the built pages', () => {
  const problemsOf = (link, other = '') => {
    const check = linkCheck('/');
    check.add(
      'guides/a.html',
      `<head><link href="/none.css#x"></head><body><h2 id="here"></h2><a href="${link}">a</a>${other}</body>`,
    );
    check.add('b/index.html', '<body><h1 id="top"></h1></body>');
    return check.problems();
  };

  it.each(['#here', '/b/#top', '/b/index.html#top', '/b/', 'https://example.org/a#b', '../b/#top'])(
    'lets %s pass',
    (link) => {
      expect(problemsOf(link)).toEqual([]);
    },
  );

  it.each([
    ['#there', 'names no part of that page'],
    ['/b/#here', 'names no part of that page'],
    ['/c.html', 'is not a page'],
    ['https://exa mple.org', 'is not an address'],
    ['javascript:alert(1)', 'is javascript:alert(1), no address of the web'],
    ['https://github.com/flatmin/flatmin/blob/main/packages/none.ts', 'is not a file of the repository'],
  ])('refuses %s: it %s', (link, problem) => {
    expect(problemsOf(link)).toEqual([`guides/a.html: ${link} ${problem}`]);
  });
});
