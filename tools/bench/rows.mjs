import { besideFloor, mean, summary, updateOf } from './statistics.mjs';

const bytesPerWeight = 4;
/** Parts of a step, which are what steps are measured by. */
const parts = ['gradient', 'update'];
/** Gradient evaluations of what no optimizer of ours counts. */
const known = { 'naive-sam': 2, plain: 1, sam: 2 };

/** Rows of one mode that others are measured by: the median of a subject, in ms, if it was measured. */
function medians(measured) {
  return (subject, mode) => {
    const found = measured.find(({ facts }) => facts.subject === subject && facts.mode === mode);
    return found === undefined || found.samples.length === 0 ? undefined : summary(found.samples).median;
  };
}

/** What a step has beyond its base's update, in units of its gradient evaluations; nothing where that is not known. */
function floorOf({ subject, mode, median }, evaluations, medianOf) {
  const [gradient, plain] = ['gradient', 'plain'].map((each) => medianOf(each, mode));
  const alone = medianOf('update', mode);
  // Where the update has no subject of its own, it is known by the plain step, which then says nothing about itself.
  const isKnown = alone !== undefined || (plain !== undefined && subject !== 'plain');
  if (gradient === undefined || !isKnown) return {};
  const update = alone ?? updateOf({ plain, gradient });
  return besideFloor({ step: median, update, gradient, evaluations });
}

/**
 * The rows of subjects that were measured in the same rounds: medians with spread, and ratios to each other, within one
 * mode.
 *
 * @param {readonly {facts: {subject: string, mode: string, peakBytes?: number}, samples: readonly number[],
 *   evaluations?: readonly number[]}[]} measured `samples` in ms per step; none where the subject was refused.
 * @param {number} parameters weights of the model, by which bytes become copies.
 */
export function rowsOf(measured, parameters) {
  const medianOf = medians(measured);
  const peakOfPlain = (mode) =>
    measured.find(({ facts }) => facts.subject === 'plain' && facts.mode === mode)?.facts.peakBytes;
  return measured.map(({ facts, samples, evaluations = [] }) => {
    if (samples.length === 0) return facts;
    const { subject, mode, peakBytes } = facts;
    const row = { ...facts, ...summary(samples) };
    if (parts.includes(subject)) return row;
    const [plain, sam] = ['plain', 'sam'].map((each) => medianOf(each, mode));
    const count = mean(evaluations) ?? known[subject];
    const beyond = peakBytes === undefined ? Number.NaN : peakBytes - (peakOfPlain(mode) ?? Number.NaN);
    return {
      ...row,
      ...(plain && { inPlainSteps: row.median / plain }),
      ...(sam && { inSamSteps: row.median / sam }),
      ...(Number.isFinite(beyond) && { copies: beyond / (bytesPerWeight * parameters) }),
      ...(count && { evaluations: count, ...floorOf(row, count, medianOf) }),
    };
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
