import { describe, expect, it } from '@jest/globals';
import { escape, htmlPage } from './html.js';

describe('htmlPage', () => {
  const page = htmlPage({
    title: 'a <b> & "c"',
    introduction: ['first', 'x < y'],
    warnings: ['seed 1 <diverged>'],
    summaries: [],
    sections: [{ heading: 'plot', svg: '<svg><path/></svg>', caption: '1 & 2' }],
    notes: [{ heading: 'note', text: '<script>alert(1)</script>' }],
    facts: { backend: 'wasm' },
  });

  it('escapes all text and leaves the drawings as they are', () => {
    expect(page).toContain('<h1>a &lt;b&gt; &amp; &quot;c&quot;</h1>');
    expect(page).toContain('<p>x &lt; y</p>');
    expect(page).toContain('<p class="warning">seed 1 &lt;diverged&gt;</p>');
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).toContain('<svg><path/></svg>');
  });

  it('needs nothing from anywhere else', () => {
    expect(page).not.toMatch(/<script|<link|src=|href=|@import|url\(/);
  });

  it('escapes what could end an attribute', () => expect(escape(`'"`)).toBe('&#39;&quot;'));
});
