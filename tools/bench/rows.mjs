import { besideFloor, mean, summary, updateOf } from './statistics.mjs';

/** Gradient evaluations of what no optimizer of ours counts. */
const known = { gradient: 1, 'naive-sam': 2, plain: 1, sam: 2 };

/**
 * The rows of subjects that were measured in the same rounds: medians with spread, and ratios to each other, within one mode.
 *
 * @param {readonly {facts: {subject: string, mode: string, peakBytes?: number}, samples: readonly number[],
 *   evaluations?: readonly number[]}[]} measured `samples` in ms per step; none where the subject was refused.
 * @param {number} parameters weights of the model, by which bytes become copies.
 */
export function rowsOf(measured, parameters) {
  const find = (subject, mode) => measured.find(({ facts }) => facts.subject === subject && facts.mode === mode);
  const medianOf = (subject, mode) => {
    const { samples = [] } = find(subject, mode) ?? {};
    return samples.length === 0 ? undefined : summary(samples).median;
  };
  return measured.map(({ facts, samples, evaluations = [] }) => {
    if (samples.length === 0) return facts;
    const { subject, mode, peakBytes } = facts;
    const row = { ...facts, ...summary(samples) };
    const plainPeak = find('plain', mode)?.facts.peakBytes;
    if (peakBytes !== undefined && plainPeak !== undefined) row.copies = (peakBytes - plainPeak) / (4 * parameters);
    const [gradient, plain, sam] = ['gradient', 'plain', 'sam'].map((each) => medianOf(each, mode));
    // Captured and elsewhere the update has no subject of its own.
    const update = medianOf('update', mode) ?? (plain && gradient && updateOf({ plain, gradient }));
    const count = mean(evaluations) ?? known[subject];
    if (plain !== undefined) row.inPlainSteps = row.median / plain;
    if (sam !== undefined) row.inSamSteps = row.median / sam;
    if (count === undefined || gradient === undefined || update === undefined || subject === 'gradient') return row;
    return { ...row, evaluations: count, ...besideFloor({ step: row.median, update, gradient, evaluations: count }) };
  });
}

/** The rows of several groups; what is in each of them stands as the first group has it. */
export function joined(groups) {
  const rows = new Map();
  for (const row of groups.flat()) {
    const key = `${row.subject} ${row.mode}`;
    if (!rows.has(key)) rows.set(key, row);
  }
  return [...rows.values()];
}
