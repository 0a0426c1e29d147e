import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { bleuOfCounts, corpusBleu } from './bleu.js';
import { splitBySpaces, tokenize13a } from './tokenize13a.js';

type Reference = [
  score: number,
  matches: number[],
  totals: number[],
  hypothesisLength: number,
  referenceLength: number,
];
interface Case {
  readonly hypotheses: string[];
  readonly references: string[][];
  readonly '13a': Reference;
  readonly none: Reference;
}
const { cases } = JSON.parse(readFileSync(new URL('./fixtures/sacrebleu.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

describe('corpusBleu', () => {
  it('is the geometric mean of precisions of one to four words, worked by hand', () => {
    const { score, ...parts } = corpusBleu(['a b c d e'], ['a b c d f'], { tokenize: 'none' });
    // a b c d; ab bc cd; abc bcd; abcd.
    expect(parts.matches).toEqual([4, 3, 2, 1]);
    expect(parts.totals).toEqual([5, 4, 3, 2]);
    expect(score).toBeCloseTo(100 * (0.8 * 0.75 * (2 / 3) * 0.5) ** 0.25, 10);
  });

  it('counts an n-gram as often as it is in the reference that has it most', () => {
    const { matches } = corpusBleu(['the the the the cat'], [['the cat', 'the the dog']], { tokenize: 'none' });
    expect(matches).toEqual([3, 2, 0, 0]);
  });

  it('halves the share of each further order without a match, over all examples at once', () => {
    const { score, precisions } = corpusBleu(['a b x y', 'z'], ['a b c d', 'w'], { tokenize: 'none' });
    // 2 of 5 words, 1 of 3 pairs; 1/2 of 2, 1/4 of 1.
    expect(precisions).toEqual([40, 100 / 3, 25, 25]);
    expect(score).toBeCloseTo((40 * (100 / 3) * 25 * 25) ** 0.25, 10);
  });

  it('takes off for brevity by the closest length, the shorter of two', () => {
    const [short, lengths] = [
      ['a b c d'],
      [
        ['a b c d e f', 'a b'],
        ['a b c d e f g h', 'a b c d e f'],
      ],
    ];
    expect(corpusBleu(short, lengths.slice(0, 1), { tokenize: 'none' }).referenceLength).toBe(2);
    const { score, brevityPenalty } = corpusBleu(short, lengths.slice(1), { tokenize: 'none' });
    expect(brevityPenalty).toBeCloseTo(Math.exp(1 - 6 / 4), 12);
    expect(score).toBeCloseTo(100 * brevityPenalty, 10);
  });

  it('is 0 where nothing matches, nothing is said, or no hypothesis has four tokens', () => {
    expect(corpusBleu(['a b c d e'], ['v w x y z']).score).toBe(0);
    expect(corpusBleu(['', ''], ['a b', 'c']).score).toBe(0);
    expect(corpusBleu(['a b c'], ['a b c']).score).toBe(0);
    expect(corpusBleu([], []).score).toBe(0);
  });

  // test/test_bleu.py of sacreBLEU (commit 2ae1366), and its README's example.
  const hypotheses = ['The dog bit the man.', "It wasn't surprising.", 'The man had just bitten him.'];
  const references = [
    ['The dog bit the man.', 'The dog had bit the man.'],
    ['It was not unexpected.', 'No one was surprised.'],
    ['The man bit him first.', 'The man had bitten the dog.'],
  ];
  it.each([
    ['13a', 48.530827],
    ['none', 49.1919566],
  ] as const)("has sacreBLEU's own number with %s", (tokenize, score) => {
    expect(corpusBleu(hypotheses, references, { tokenize }).score).toBeCloseTo(score, 6);
  });

  it("has sacreBLEU's own counts and score of counts", () => {
    const { matches, totals } = corpusBleu(['am I am a character sequence'], ['I am a symbol string sequence a a']);
    expect([matches, totals]).toEqual([
      [4, 2, 1, 0],
      [6, 5, 4, 3],
    ]);
    const counts = { matches: [9, 7, 5, 3], totals: [10, 8, 6, 4], hypothesisLength: 11, referenceLength: 11 };
    expect(bleuOfCounts(counts).score).toBeCloseTo(83.75922397, 7);
  });

  it.each(['13a', 'none'] as const)('equals sacreBLEU 2.6.0 on random corpora with %s', (tokenize) => {
    const spread = cases.map(({ hypotheses: given, references: of, [tokenize]: [score, ...counts] }) => {
      const bleu = corpusBleu(given, of, { tokenize });
      expect([bleu.matches, bleu.totals, bleu.hypothesisLength, bleu.referenceLength]).toEqual(counts);
      expect(bleu.score).toBeCloseTo(score, 8);
      return score;
    });
    expect(spread.length).toBe(110);
    expect(spread.filter((score) => score > 0 && score < 99).length).toBeGreaterThan(60);
  });

  it('of references themselves is 100, and the order of examples does not matter', () => {
    const sentence = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 4, maxLength: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(sentence, sentence), { minLength: 1, maxLength: 5 }), (pairs) => {
        const [said, wanted] = [0, 1].map((side) => pairs.map((pair) => (pair[side] as string[]).join(' '))) as [string[], string[]]; // prettier-ignore
        expect(corpusBleu(wanted, wanted).score).toBeCloseTo(100, 9);
        const reversed = corpusBleu([...said].reverse(), [...wanted].reverse());
        expect(corpusBleu(said, wanted)).toEqual(reversed);
      }),
    );
  });

  it.each([
    [['a', 'b'], ['a'], /1 references for 2 hypotheses/],
    [['a'], [[]], /example 0 has no reference/],
  ])('refuses %p for %p', (said, wanted, message) => {
    expect(() => corpusBleu(said, wanted)).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) }),
    );
  });
});

describe('tokenize13a', () => {
  it.each([
    ["It's 3.5, not 1,000.", "It's 3.5 , not 1,000 ."],
    ['a state-of-the-art 2-3', 'a state-of-the-art 2 - 3'],
    ['&quot;R&amp;D&quot; &lt;x&gt;', '" R & D " < x >'],
    ['a/b [c] {d} e_f ~', 'a / b [ c ] { d } e _ f ~'],
    ['multi-\nple lines\nhere', 'multiple lines here'],
    ['x <skipped> y', 'x y'],
  ])('cuts %p', (line, tokens) => expect(tokenize13a(line).join(' ')).toBe(tokens));

  it('parts by all spaces of Unicode', () => {
    expect(splitBySpaces('\u00a0a\tb\u2003\u3000c  ')).toEqual(['a', 'b', 'c']);
  });
});
