import type { ComparedRow, ComparedTask } from '../statistics/comparison.js';
import type { Estimate } from '../statistics/estimate.js';
import { bytesText, differenceText, figure, pText, radiusText, times, whole } from '../statistics/figures.js';
import { leastPairsOfT } from '../statistics/pairedTest.js';
import { resultTitle } from './titles.js';

/** A column of a table for people; the first is the name. */
export interface Column {
  readonly key: 'name' | 'result' | 'difference' | 'p' | 'radius' | 'gradients' | 'seconds' | 'memory' | 'score';
  readonly head: string;
  readonly shortHead?: string;
  readonly cell: (row: ComparedRow) => string;
  readonly short?: (row: ComparedRow) => string;
  /** True where another machine, or the same one again, gives another figure. */
  readonly isOfMachine?: boolean;
}

const none = '-';

/** The columns of a task: those that some row has a figure for. */
export function columnsOf(task: ComparedTask): readonly Column[] {
  const { rows, result } = task;
  const some = (has: (row: ComparedRow) => unknown): boolean => rows.some((row) => has(row) !== undefined);
  const costs = (of: (cost: NonNullable<ComparedRow['cost']>) => string) => (row: ComparedRow) =>
    row.cost === undefined ? none : of(row.cost);
  return [
    { key: 'name', head: 'method', cell: nameCell },
    {
      key: 'result',
      head: resultTitle(result),
      cell: (row) => withError(row.result),
      short: ({ result }) => (result === undefined ? none : figure(result.mean)),
    },
    ...(some((row) => row.difference) ? differenceColumns(task) : []),
    ...task.scores.map((name): Column => ({
      key: 'score',
      head: `test ${name}`,
      cell: (row) => withError(row.scores[name]),
    })),
    { key: 'radius', head: 'final rho', cell: (row) => radiusCell(row, true), short: (row) => radiusCell(row, false) },
    {
      key: 'gradients',
      head: 'gradients',
      cell: costs(({ gradientEvaluations }) => whole(gradientEvaluations)),
      ...(some((row) => row.cost?.ratio) && { shortHead: 'cost', short: costs(({ ratio }) => (ratio === undefined ? none : `x${times(ratio)}`)) }), // prettier-ignore
    },
    ...(some((row) => row.cost?.peakMemory)
      ? [{ key: 'memory', head: 'memory', cell: costs(({ peakMemory }) => (peakMemory === undefined ? none : bytesText(peakMemory))), isOfMachine: true } as const] // prettier-ignore
      : []),
    { key: 'seconds', head: 'seconds', cell: costs(({ seconds }) => seconds.toFixed(1)), isOfMachine: true },
  ];
}

function differenceColumns({ result, reference }: ComparedTask): readonly Column[] {
  return [
    {
      key: 'difference',
      head: result === 'accuracy' ? 'difference, points' : 'difference',
      shortHead: 'difference',
      cell: ({ name, difference }) => {
        if (name === reference) return 'reference';
        if (difference === undefined) return none;
        const { signed, interval } = differenceText(difference, result);
        return interval === undefined ? signed : `${signed} (${interval})`;
      },
    },
    { key: 'p', head: 'p', cell: ({ difference }) => (difference?.test === undefined ? none : pText(difference.test.corrected)) }, // prettier-ignore
  ];
}

function nameCell({ name, seeds, planned }: ComparedRow): string {
  return seeds.length === planned ? name : `${name} (${seeds.length} of ${planned} runs)`;
}

export function withError(estimate: Estimate | undefined): string {
  if (estimate === undefined) return none;
  const { mean, error } = estimate;
  return error === undefined ? figure(mean) : `${figure(mean)} ± ${figure(error)}`;
}

function radiusCell({ radius, learnsRadius }: ComparedRow, withRange: boolean): string {
  if (radius === undefined) return none;
  const { mean, least, greatest } = radius;
  if (!learnsRadius)
    return least === greatest ? String(Number(mean.toPrecision(4))) : `${radiusText(least)} to ${radiusText(greatest)}`;
  const text = radiusText(mean);
  return withRange && least !== greatest ? `${text} (${radiusText(least)} to ${radiusText(greatest)})` : text;
}

/** What the columns of a task mean, in a few sentences. */
export function noteOf(task: ComparedTask): string {
  const done = task.rows.filter(({ seeds }) => seeds.length > 0);
  const several = done.some(({ seeds }) => seeds.length > 1);
  const differences = task.rows.flatMap(({ difference }) => difference ?? []);
  const tests = new Set(differences.flatMap(({ test }) => test?.name ?? []));
  const names = [...(tests.has('t') ? ['paired t test'] : []), ...(tests.has('signed-rank') ? ['exact signed-rank test'] : [])]; // prettier-ignore
  const few = differences.some(({ count }) => count < leastPairsOfT);
  return [
    several ? '±: standard error of the mean over the seeds.' : '',
    differences.some(({ interval }) => interval)
      ? `Difference: from ${task.reference} over the same seeds, with its 95 % interval.`
      : '',
    names.length > 0 ? `p: ${names.join(' or ')}, corrected by Holm for the number of comparisons.` : '',
    few ? 'With fewer than six pairs of seeds, no difference can be shown.' : '',
  ]
    .filter((text) => text !== '')
    .join(' ');
}
