import { describe, expect, it } from '@jest/globals';
import { escape } from './escape.js';
import { htmlPage } from './html.js';
import { themed } from './themed.js';

const task = {
  name: 'noise <0.2>',
  heads: ['method', 'test "x"'],
  rows: [
    [
      { text: '<SAM>', note: '0.5 & 1' },
      { text: '0.9', note: 'better', tone: 'better' as const, isOfMachine: true },
    ],
  ],
  note: 'a < b',
  figures: [{ heading: 'plot', wide: '<svg><path/></svg>', narrow: '<svg><g/></svg>', caption: '1 & 2' }],
};
const page = htmlPage({
  title: 'a <b> & "c"',
  verdict: ['SAM is 1 point above <SGD>.'],
  introduction: ['first', 'x < y'],
  warnings: ['seed 1 <diverged>'],
  overview: [],
  tasks: [task, { ...task, name: 'other' }],
  notes: [{ heading: 'note', text: '<script>alert(1)</script>' }],
  facts: { backend: 'wasm' },
});

describe('htmlPage', () => {
  it('escapes all text and leaves the drawings as they are', () => {
    expect(page).toContain('<h1>a &lt;b&gt; &amp; &quot;c&quot;</h1>');
    expect(page).toContain('<p>x &lt; y</p>');
    expect(page).toContain('<p class="warning">seed 1 &lt;diverged&gt;</p>');
    expect(page).toContain('<th scope="row">&lt;SAM&gt;<small>0.5 &amp; 1</small></th>');
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).toContain('<svg><path/></svg>');
    expect(page).not.toMatch(/<(?:SAM|SGD|b|diverged|script)>/);
  });

  it('says what was found in its first sentence', () => {
    const [, body] = page.split('<body>');
    expect(body?.replace(/<h1>.*<\/h1>/, '').trim()).toMatch(
      /^<header>\s*<p class="verdict">SAM is 1 point above &lt;SGD&gt;\.<\/p>/,
    );
  });

  it('needs nothing from anywhere else', () => {
    expect(page).not.toMatch(/<script|<link|src=|href="(?!#)|@import|url\(/);
  });

  it('has tables that a keyboard reaches and scrolls, with a label, and links to the tasks', () => {
    expect(page.match(/<div class="scroll" role="region" aria-label="Results: [^"]+" tabindex="0">/g)).toHaveLength(2);
    expect(page).toContain('<a href="#task-1">noise &lt;0.2&gt;</a>');
    expect(page).toContain('<h2 id="task-1">');
  });

  it('has a dark, a narrow and a printed form', () => {
    for (const media of ['prefers-color-scheme: dark', 'max-width: 44rem', 'print']) expect(page).toContain(`@media ${media.includes(':') ? `(${media})` : media}`); // prettier-ignore
  });

  it('escapes what could end an attribute', () => expect(escape(`'"`)).toBe('&#39;&quot;'));
});

describe('themed', () => {
  it('takes the colors of the page, and ids of its own', () => {
    const svg =
      '<svg><clipPath id="clip0"/><g clip-path="url(#clip0)" fill="white" stroke="#0072b2" color="#123456"/></svg>';
    expect(themed(svg, 'final')).toBe(
      '<svg><clipPath id="final-clip0"/><g clip-path="url(#final-clip0)" fill="var(--card)" stroke="var(--c2)" color="#123456"/></svg>',
    );
  });
});
