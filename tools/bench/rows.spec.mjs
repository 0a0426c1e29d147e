import { describe, expect, it } from '@jest/globals';
import { joined, rowsOf } from './rows.mjs';

const measured = (subject, mode, samples, others = {}) => {
  const { evaluations, ...facts } = others;
  return { facts: { subject, mode, ...facts }, samples, evaluations };
};
const rowIn = (rows, subject, mode) => rows.find((row) => row.subject === subject && row.mode === mode);

const parameters = 1000;
const group = [
  measured('gradient', 'eager', [10, 10, 10], { peakBytes: 4000 }),
  measured('update', 'eager', [1, 1, 1], { peakBytes: 4000 }),
  measured('plain', 'eager', [12, 12, 12], { peakBytes: 20_000, evaluations: [1, 1] }),
  measured('sam', 'eager', [23, 22, 24], { peakBytes: 28_000, evaluations: [2, 2] }),
  measured('looksam', 'eager', [14, 14, 14], { peakBytes: 32_000, evaluations: [2, 1, 1, 1, 1] }),
  measured('gradient', 'captured', [5]),
  measured('plain', 'captured', [6]),
  measured('sam', 'captured', [11.5], { evaluations: [2] }),
  measured('esam', 'captured', [], { refused: 'CAPTURE_REFUSED: it reads back' }),
  measured('plain', 'jax', [4]),
  measured('sam', 'jax', [8]),
];

describe('the rows of a group', () => {
  const rows = rowsOf(group, parameters);

  it('compare a step with its evaluations, less the update measured alone', () => {
    // (23 - 1) / (2 x 10), and (14 - 1) / (1.2 x 10).
    expect(rowIn(rows, 'sam', 'eager')).toMatchObject({ evaluations: 2, floor: 20, ratio: 1.1, inPlainSteps: 23 / 12 });
    expect(rowIn(rows, 'looksam', 'eager').evaluations).toBeCloseTo(1.2, 12);
    expect(rowIn(rows, 'looksam', 'eager').ratio).toBeCloseTo(13 / 12, 12);
    expect(rowIn(rows, 'looksam', 'eager').inSamSteps).toBeCloseTo(14 / 23, 12);
  });

  it('take the update of a graph from its plain step, of the same mode', () => {
    // (11.5 - (6 - 5)) / (2 x 5); a plain step by which the update is known has no ratio of its own.
    expect(rowIn(rows, 'sam', 'captured').ratio).toBeCloseTo(1.05, 12);
    expect(rowIn(rows, 'plain', 'captured')).not.toHaveProperty('ratio');
    expect(rowIn(rows, 'plain', 'eager').ratio).toBeCloseTo(1.1, 12);
  });

  it('count copies of the weights beyond the plain step', () => {
    expect(rowIn(rows, 'sam', 'eager').copies).toBe(2);
    expect(rowIn(rows, 'plain', 'eager').copies).toBe(0);
    expect(rowIn(rows, 'gradient', 'eager')).not.toHaveProperty('copies');
  });

  it('keep the reason of a refusal, and say nothing that was not measured', () => {
    expect(rowIn(rows, 'esam', 'captured')).toEqual({
      subject: 'esam',
      mode: 'captured',
      refused: 'CAPTURE_REFUSED: it reads back',
    });
    expect(rowIn(rows, 'sam', 'jax')).toMatchObject({ median: 8, inPlainSteps: 2 });
    expect(rowIn(rows, 'sam', 'jax')).not.toHaveProperty('ratio');
    expect(rowIn(rows, 'sam', 'jax')).not.toHaveProperty('copies');
  });

  it('join groups, each subject as the first has it', () => {
    const other = rowsOf([measured('plain', 'eager', [99]), measured('gsam', 'eager', [30])], parameters);
    const all = joined([rows, other]);
    expect(all).toHaveLength(rows.length + 1);
    expect(rowIn(all, 'plain', 'eager').median).toBe(12);
    expect(rowIn(all, 'gsam', 'eager').median).toBe(30);
  });
});
