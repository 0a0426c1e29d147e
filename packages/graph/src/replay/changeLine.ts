import type { Change } from './graphNode.js';
import { type Constant, expanded } from '../record/recording.js';

/** A constant in a few words. */
function show(constant: Constant): string {
  const values = expanded(constant);
  if (constant.shape.length === 0 || values.length === 1) return String(Number((values[0] as number).toPrecision(6)));
  return `[${constant.shape.join(', ')}] of ${Array.from(values.slice(0, 3), (value) => Number(value.toPrecision(4))).join(', ')}${values.length > 3 ? ', ...' : ''}`;
}

/** The line that says which numbers were found to be others than a graph had them. */
export function changeLine(changes: readonly Change[], index: number, lastChecked: number): string {
  const [{ was, now, user }] = changes as [Change, ...Change[]];
  const others = changes.length === 1 ? '' : `, and ${changes.length - 1} more`;
  const unseen = index - lastChecked;
  const since =
    unseen <= 1
      ? ''
      : ` It was last checked at step ${lastChecked}: up to ${unseen - 1} steps may have used the old number.`;
  return (
    `flatmin: step ${index}: a number that ${user ?? 'the result'} takes was ${show(was)} when the step was captured, and is ${show(now)} ` +
    `now${others}: from here on it is an input.${since}`
  );
}
