import { describe, expect, it } from '@jest/globals';
import { compared } from '../statistics/comparison.js';
import { at, gridResults } from '../statistics/results.fixture.js';
import { exportText } from './exports.js';

const comparison = compared(
  gridResults([
    {
      rows: [
        { method: '=SUM(A1)|"x"', outcomes: [0.1, 0.2], gradientEvaluations: 100 },
        { method: 'SAM_50% & co', at: [at('optimizer.rho', 0.05)], outcomes: [0.2, 0.3], gradientEvaluations: 200 },
      ],
    },
  ]),
);

describe('exportText', () => {
  it('as CSV has all digits, and no formula', () => {
    const [head, first, second, end] = exportText(comparison, 'csv').split('\r\n');
    expect(end).toBe('');
    expect(head).toMatch(
      /^task,row,method,optimizer\.rho,chosen,runs,planned runs,metric,mean,standard error,95 % low,95 % high,/,
    );
    // The mean 0.15 as it is in binary; an apostrophe, and quotes doubled.
    expect(first).toMatch(
      /^,"'=SUM\(A1\)\|""x""","'=SUM\(A1\)\|""x""",,,2,2,test accuracy,0\.15000000000000002,0\.05,/,
    );
    expect(second).toMatch(/^,"SAM_50% & co, rho 0\.05",SAM_50% & co,0\.05,,2,2,test accuracy,0\.25,0\.0(?:5|49999)/);
    expect(second).toMatch(/,signed-rank,0\.5,0\.5,not told apart,.*,200,2,,2,$/);
  });

  it('as JSON is the comparison', () => expect(JSON.parse(exportText(comparison, 'json'))).toEqual(comparison));

  it('as Markdown is a table whatever the names', () => {
    const lines = exportText(comparison, 'markdown').split('\n');
    expect(lines[0]).toMatch(/^\| method \| test accuracy \| difference, points \| p \|/);
    expect(lines[1]).toMatch(/^\| :-- \| --: \|/);
    expect(lines[2]).toMatch(/^\| =SUM\(A1\)\\\|"x" \| 0\.150 ± 0\.050 \| reference \| - \|/);
    expect(lines[3]).toMatch(
      /^\| SAM\\_50% & co, rho 0\.05 \| 0\.250 ± 0\.050 \| \+10\.0 \(10\.0 to 10\.0\) \| 0\.50 \|/,
    );
  });

  it('as LaTeX is a table with booktabs, escaped', () => {
    const text = exportText(comparison, 'latex');
    expect(text).toContain('\\begin{tabular}{lrrrrrr}\n\\toprule\nmethod & test accuracy & difference, points & p &');
    expect(text).toContain('SAM\\_50\\% \\& co, rho 0.05 & 0.250 $\\pm$ 0.050 & +10.0 (10.0 to 10.0) & 0.50 &');
    expect(text).toContain('\\bottomrule\n\\end{tabular}');
  });
});
