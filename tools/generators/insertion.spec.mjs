import { describe, expect, it } from '@jest/globals';
import { insertBefore, insertSorted } from './insertion.mjs';

const file = 'list.ts';
const pattern = /^use (\w+);$/;
const insert = (text, key) => insertSorted(text, { file, key, line: `use ${key};`, pattern });

describe('insertSorted', () => {
  it.each([
    ['first', 'a', '// begin\nuse a;\nuse b;\n// between\nuse d;\n// end\n'],
    ['between', 'c', '// begin\nuse b;\n// between\nuse c;\nuse d;\n// end\n'],
    ['last', 'e', '// begin\nuse b;\n// between\nuse d;\nuse e;\n// end\n'],
  ])('puts a line %s', (_, key, expected) => {
    expect(insert('// begin\nuse b;\n// between\nuse d;\n// end\n', key)).toBe(expected);
  });

  it('refuses what is there, and a text without such lines', () => {
    expect(() => insert('use a;\n', 'a')).toThrow('list.ts has a already.');
    expect(() => insert('take a;\n', 'b')).toThrow(
      /^list\.ts has no line like .* belongs: use b;\. Put it there by hand/,
    );
  });
});

describe('insertBefore', () => {
  it('puts a line before the one that is named', () => {
    expect(insertBefore('a\n  end,\n', { anchor: '  end,', file, line: '  b,' })).toBe('a\n  b,\n  end,\n');
  });

  it.each(['a\n', 'end\nend\n', ' end\n'])('refuses %j', (text) => {
    const act = () => insertBefore(text, { anchor: 'end', file, line: 'b' });
    expect(act).toThrow(
      /list\.ts does not have the line "end" once, before which this belongs: b\. Put it there by hand/,
    );
  });
});
