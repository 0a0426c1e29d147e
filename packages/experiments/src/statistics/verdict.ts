import type { Comparison, ComparedRow, ComparedTask, Difference } from './comparison.js';
import { differenceText, figure, listed, pText, times } from './figures.js';
import { leastP, leastPairsOfT } from './pairedTest.js';

/** Of more tasks than this, counts are told instead of a sentence each. */
const mostSentences = 3;
/** Of more rows than this in a group, some are named and the others counted. */
const mostNamed = 3;

type DifferingRow = ComparedRow & { readonly difference: Difference };

/**
 * What the comparison found, in computed sentences: which rows are above or below the reference by the corrected p, by
 * how much and at what cost, and which are not told apart from it.
 */
export function verdictOf({ tasks, reference }: Comparison): readonly string[] {
  const done = tasks.reduce((sum, { rows }) => sum + rows.reduce((count, row) => count + plannedOf(row).done, 0), 0);
  const planned = tasks.reduce((sum, { rows }) => sum + rows.reduce((count, row) => count + plannedOf(row).all, 0), 0);
  if (done === 0) {
    return [planned === 1 ? 'The run gave no result.' : `No result yet: none of ${planned} runs is done.`];
  }
  if (tasks.length <= mostSentences) {
    return tasks.flatMap((task) => sentencesOf(task, reference).map((text) => withTask(task, text, tasks.length)));
  }
  return countsOf(tasks, reference);
}

function plannedOf({ chosen, seeds, planned }: ComparedRow): { readonly done: number; readonly all: number } {
  // Chosen runs are those of other rows.
  return chosen === undefined ? { done: seeds.length, all: planned } : { done: 0, all: 0 };
}

function withTask({ name }: ComparedTask, text: string, tasks: number): string {
  return tasks === 1 || name === '' ? text : `${name}: ${text}`;
}

/** Rows that a verdict is about: of a method with a chosen row that row alone. */
export function headRows({ rows }: Pick<ComparedTask, 'rows'>): readonly ComparedRow[] {
  const chosen = new Set(rows.filter((row) => row.chosen !== undefined).map(({ method }) => method));
  return rows.filter((row) => row.chosen !== undefined || !chosen.has(row.method));
}

function sentencesOf(task: ComparedTask, method: string): readonly string[] {
  const reference = task.rows.find(({ name }) => name === task.reference);
  if (task.rows.length === 1) return task.rows.map((row) => aloneText(row, task));
  if (reference?.result === undefined) {
    const name = reference?.name ?? method;
    return [`${name}, which the others are compared to, has no run that is done, so nothing is compared yet.`];
  }
  const rows = headRows(task).filter((row): row is DifferingRow => row.difference !== undefined);
  const told = ({ difference }: DifferingRow): boolean => difference.verdict !== 'not told apart';
  if (rows.length === 0)
    return [`Nothing can be compared to ${reference.name} yet: no other row has a run that is done.`];
  const pairs = Math.max(...rows.map(({ difference }) => difference.count));
  if (pairs < leastPairsOfT) return fewSeeds(rows, reference, task, pairs);
  return [rows.some(told) ? toldText(rows, reference, task) : noneToldText(rows, reference, task)];
}

function aloneText({ name, result, seeds }: ComparedRow, task: ComparedTask): string {
  if (result === undefined) return `${name} has no run that is done.`;
  const { mean, interval } = result;
  const figures = interval === undefined ? '' : ` (95 %: ${figure(interval.low)} to ${figure(interval.high)})`;
  const over =
    seeds.length === 1 ? 'one seed, which cannot show what is chance' : `the mean over ${seeds.length} seeds`;
  return `${name} ends with a test ${task.result} of ${figure(mean)}${figures}, ${over}.`;
}

/** Six seeds or more can tell methods apart; fewer cannot, whatever they found. */
function fewSeeds(
  rows: readonly DifferingRow[],
  reference: ComparedRow,
  task: ComparedTask,
  pairs: number,
): readonly string[] {
  const why =
    pairs === 1
      ? 'One seed has no interval and no test'
      : `${pairs} seeds are too few to tell methods apart: the smallest p that their signed-rank test can give is ` +
        `${pText(leastP(pairs))}`;
  const best = [...rows].sort(bestFirst(task))[0] as DifferingRow;
  const { signed } = differenceText(best.difference, task.result);
  const so = Number(signed) === 0 ? `${best.name} ends like ${reference.name}` : placeText(best, reference.name, task);
  return [`So far ${so}${costText(best)}, and that may be chance.`, `${why}; use six seeds or more.`];
}

function bestFirst({ moreIsBetter }: ComparedTask): (a: DifferingRow, b: DifferingRow) => number {
  return (a, b) => (b.difference.mean - a.difference.mean) * (moreIsBetter ? 1 : -1);
}

function toldText(rows: readonly DifferingRow[], reference: ComparedRow, task: ComparedTask): string {
  const sorted = [...rows].sort(bestFirst(task));
  const better = sorted.filter(({ difference }) => difference.isBetter === true);
  const worse = sorted.filter(({ difference }) => difference.isBetter === false);
  const same = sorted.filter(({ difference }) => difference.isBetter === undefined);
  const clauses = [...groupOf(better, task, 'better'), ...groupOf(worse, task, 'worse')].map((clause) => clause('it'));
  // The first clause names the reference; the others say "it".
  const [first] = [...groupOf(better, task, 'better'), ...groupOf(worse, task, 'worse')];
  const parts = [(first as Clause)(reference.name), ...clauses.slice(1), ...sameText(same)];
  const start = better.length === 0 ? `Nothing is shown to be better than ${reference.name}: ` : '';
  return `${start}${parts.join('; ')}.`;
}

type Clause = (reference: string) => string;

/** A clause for each row, or for some and the number of the others. */
function groupOf(rows: readonly DifferingRow[], task: ComparedTask, how: 'better' | 'worse'): readonly Clause[] {
  const named = rows.length <= mostNamed ? rows : rows.slice(0, mostNamed - 1);
  const others = rows.length - named.length;
  const clauses = named.map(
    (row): Clause =>
      (to) =>
        `${placeText(row, to, task)}${costText(row)}`,
  );
  return others === 0 ? clauses : [...clauses, (to) => `${others} others are ${how} than ${to}, too`];
}

function sameText(rows: readonly DifferingRow[]): readonly string[] {
  if (rows.length === 0) return [];
  const few = rows.filter(({ difference }) => difference.count < leastPairsOfT);
  const because = few.length === 0 ? '' : ` (${listed(few.map(({ name, difference }) => `${name} has ${difference.count} ${difference.count === 1 ? 'pair' : 'pairs'} of seeds, and six are needed`))})`; // prettier-ignore
  const names = rows.length <= mostNamed ? listed(rows.map(({ name }) => name)) : `${rows.length} others`;
  return [`${names} ${rows.length === 1 ? 'is' : 'are'} not told apart from it${because}`];
}

function noneToldText(rows: readonly DifferingRow[], reference: ComparedRow, task: ComparedTask): string {
  const largest = [...rows].sort(
    (a, b) => Math.abs(b.difference.mean) - Math.abs(a.difference.mean),
  )[0] as DifferingRow;
  const { signed } = differenceText(largest.difference, task.result);
  const end = Number(signed) === 0 ? '' : `: ${placeText(largest, 'it', task)}, which may be chance`;
  if (rows.length === 1) return `${largest.name} is not told apart from ${reference.name}${end}.`;
  const names = rows.length <= mostNamed ? listed(rows.map(({ name }) => name)) : `${rows.length} others`;
  return `${reference.name} is not told apart from ${names}${end === '' ? '' : `. The largest difference${end}`}.`;
}

/** `SAM is 1.7 points above SGD (95 %: 0.9 to 2.5)`, `SAM is 0.12 lower than SGD in loss, which is better`. */
function placeText({ name, difference }: DifferingRow, reference: string, task: ComparedTask): string {
  const { size, interval } = differenceText(difference, task.result);
  const isAbove = difference.mean > 0;
  const spread = interval === undefined ? '' : ` (95 %: ${interval})`;
  if (task.result === 'accuracy') {
    return `${name} is ${size} ${size === '1.0' ? 'point' : 'points'} ${isAbove ? 'above' : 'below'} ${reference}${spread}`;
  }
  const direction = isAbove === task.moreIsBetter ? 'better' : 'worse';
  const what = task.result === 'loss' ? 'test loss' : 'root mean squared error';
  return `${name} is ${size} ${isAbove ? 'higher' : 'lower'} than ${reference} in ${what}, which is ${direction}${spread}`;
}

function costText({ cost }: ComparedRow): string {
  if (cost?.ratio === undefined) return '';
  const ratio = times(cost.ratio);
  return ratio === '1' ? ' at the same gradients' : ` at ${ratio} times its gradients`;
}

/** For each row that most tasks have, in how many of them it is above, below, or not told apart. */
function countsOf(tasks: readonly ComparedTask[], method: string): readonly string[] {
  const reference = listed([...new Set(tasks.flatMap((task) => task.reference ?? []))]) || method;
  const rows = tasks.flatMap((task) =>
    headRows(task).filter((row): row is DifferingRow => row.difference !== undefined),
  );
  const names = [...new Set(rows.map(({ name }) => name))];
  if (names.length === 0) return [`Nothing can be compared to ${reference} yet in any of ${tasks.length} tasks.`];
  const texts = names.slice(0, 2 * mostNamed).map((name) => {
    const own = rows.filter((row) => row.name === name);
    const count = (isBetter: boolean | undefined): number =>
      own.filter(({ difference }) => difference.isBetter === isBetter).length;
    const of = (number: number): string => (number === 0 ? 'none' : String(number));
    return (
      `${name} is better than ${reference} in ${of(count(true))} of ${own.length} tasks, worse in ${of(count(false))}, ` +
      `not told apart in ${of(count(undefined))}.`
    );
  });
  const pairs = Math.max(...rows.map(({ difference }) => difference.count));
  const few =
    pairs < leastPairsOfT ? [`With fewer than six seeds no difference can be shown, whatever the results.`] : [];
  const more = names.length > texts.length ? [`${names.length - texts.length} other rows are in the tables.`] : [];
  return [...texts, ...more, ...few];
}
