import { type DataSummary, type PartMoments, partNames, type PartSummary } from './inspect.js';

/** Classes that are listed one by one; of more, only the rarest and the most frequent. */
const listed = 20;

const count = (value: number): string => value.toLocaleString('en-US');
const figure = (value: number): string => String(Number(value.toPrecision(4)));

/** A summary for people. */
export function summaryText(summary: DataSummary): string {
  const { id, task, inputShape, dtype, classes } = summary;
  const head = `${id}: ${task}, x ${dtype} [${['batch', ...inputShape].join(', ')}], ${count(classes)} ${outputName(task)}`;
  const parts = partNames.map((name) => partLine(name, summary.parts[name]));
  return [head, ...parts, ...columnLines(summary), ...balance(summary)].join('\n');
}

function outputName(task: string): string {
  if (task === 'classification') return 'classes';
  return task === 'regression' ? 'output' : 'ids';
}

function partLine(name: string, { examples, values, targets, tokens }: PartSummary): string {
  const start = `  ${name.padEnd(10)} ${count(examples).padStart(9)} examples`;
  if (examples === 0) return start;
  if (tokens !== undefined) return `${start}, ${count(tokens)} tokens${targets ? `, y ${range(targets)}` : ''}`;
  return `${start}, x ${range(values)}${targets ? `, y ${range(targets)}` : ''}`;
}

/** What became of the columns of a table. */
function columnLines({ columns = [] }: DataSummary): readonly string[] {
  if (columns.length === 0) return [];
  const width = Math.max(6, ...columns.map(({ name }) => name.length));
  const line = (name: string, kind: string, inputs: string, about: string): string =>
    `  ${name.padEnd(width)} ${kind.padEnd(8)} ${inputs.padStart(6)}  ${about}`.trimEnd();
  return [
    '',
    line('column', 'kind', 'inputs', ''),
    ...columns.map(({ name, kind, inputs, about }) => line(name, kind, inputs === 0 ? '-' : count(inputs), about)),
  ];
}

function range({ least, greatest, mean, deviation }: PartMoments): string {
  return `from ${figure(least)} to ${figure(greatest)}, mean ${figure(mean)}, deviation ${figure(deviation)}`;
}

function balance({ parts, classNames, classes }: DataSummary): readonly string[] {
  const counts = partNames.map((name) => parts[name].perClass);
  if (counts.some((each) => each === undefined)) return [];
  const order = Array.from({ length: classes }, (_, label) => label);
  if (classes > listed) {
    // By the train part: ten rarest, ten most frequent.
    order.sort((a, b) => (counts[0]?.[a] as number) - (counts[0]?.[b] as number) || a - b);
    order.splice(listed / 2, classes - listed);
  }
  const names = order.map((label) => classNames?.[label] ?? String(label));
  const width = Math.max(5, ...names.map((name) => name.length));
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(width)} ${cells.map((cell) => cell.padStart(10)).join(' ')}`;
  return [
    '',
    line('class', partNames),
    ...order.map((label, i) =>
      line(
        names[i] as string,
        counts.map((each) => count(each?.[label] as number)),
      ),
    ),
    ...(classes > listed ? [`  (the ${listed / 2} rarest and the ${listed / 2} most frequent of ${classes})`] : []),
  ];
}
