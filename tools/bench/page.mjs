import { reasons } from './reasons.mjs';
import { judged } from './targets.mjs';

const none = '–';
const number = (value, digits = 2) => (value === undefined ? none : value.toFixed(digits));
/** Three significant digits, as a time is known. */
const milliseconds = (value) => (value === undefined ? none : Number(value.toPrecision(3)).toString());
const spread = ({ median, low, high }) =>
  median === undefined ? none : `${milliseconds(median)} (${milliseconds(low)} to ${milliseconds(high)})`;
const megabytes = (bytes) => (bytes === undefined ? none : number(bytes / 2 ** 20, bytes < 2 ** 20 ? 2 : 1));

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row), ''];

const heads = {
  eager: ['subject', 'gradient evaluations', 'eager ms', 'of its floor', 'ops', 'peak MB', 'copies'],
  captured: ['captured ms', 'of its floor', 'graph calls', 'other ops', 'made in s'],
};

function eagerCells(eager) {
  return [
    number(eager.evaluations),
    spread(eager),
    number(eager.ratio, 3),
    number(eager.ops, 0),
    megabytes(eager.peakBytes),
    number(eager.copies),
  ];
}

const capturedCells = (captured) => [
  spread(captured),
  number(captured.ratio, 3),
  number(captured.graphCalls, 1),
  number(captured.ops, 0),
  number(captured.madeSeconds),
];

function modelTable(rows) {
  const ids = [
    ...new Set(rows.filter(({ mode }) => mode === 'eager' || mode === 'captured').map(({ subject }) => subject)),
  ];
  const find = (id, mode) => rows.find(({ subject, mode: its }) => subject === id && its === mode) ?? {};
  const hasCaptured = rows.some(({ mode }) => mode === 'captured');
  const head = hasCaptured ? [...heads.eager, ...heads.captured] : heads.eager;
  const body = ids.map((id) => [
    id,
    ...eagerCells(find(id, 'eager')),
    ...(hasCaptured ? capturedCells(find(id, 'captured')) : []),
  ]);
  return table(head, body);
}

function othersTable(rows) {
  const others = rows.filter(({ mode, median }) => !['eager', 'captured'].includes(mode) && median !== undefined);
  if (others.length === 0) return [];
  return table(
    ['library', 'subject', 'ms', 'of its floor'],
    others.map((each) => [each.mode, each.subject, spread(each), number(each.ratio, 3)]),
  );
}

/** Why there is no number, or none of what the column says. */
function remarksOn(rows) {
  const lines = rows.flatMap(({ subject, mode, refused, failed, graphCalls }) => {
    const isEager = mode === 'captured' && graphCalls === 0 ? 'its steps ran eagerly: no graph was called' : undefined;
    const why = refused ?? failed?.split('\n')[0] ?? isEager;
    return why === undefined ? [] : [`- ${subject}, ${mode}: ${why.replaceAll('\n', ' ')}`];
  });
  return lines.length === 0 ? [] : [...lines, ''];
}

function modelSection({ id, title, parameters, tensors, rows }, folder) {
  const samples = rows.flatMap((each) => each.samples ?? []);
  const least = samples.length === 0 ? 0 : Math.min(...samples);
  return [
    `## ${title}`,
    '',
    `${parameters.toLocaleString('en-US')} weights in ${tensors} tensors; ${least} or more samples each.`,
    '',
    `![Time per step: ${title}](${folder}/${id}.svg)`,
    '',
    ...modelTable(rows),
    ...othersTable(rows),
    ...remarksOn(rows),
  ];
}

const verdict = { true: 'met', false: '**not met**', undefined: 'not measured' };

function targetTable(results) {
  const rows = judged(results).map(({ text, limit, under, unit, value, where, met }) => {
    const unitText = unit === undefined ? '' : ` ${unit}`;
    const measured = value === undefined ? none : `${number(value, 3)}${unitText}${where ? ` (${where})` : ''}`;
    return [text, `${under ? 'under' : 'at most'} ${limit}${unitText}`, measured, verdict[met]];
  });
  return table(['what', 'target', 'measured', ''], rows);
}

function growthSection(growth, folder) {
  if (growth === undefined) return [];
  const plots = Object.entries(growth).flatMap(([axis, { title }]) => [
    `![Time per step by ${title}](${folder}/growth-${axis}.svg)`,
    '',
  ]);
  const remarks = Object.values(growth).flatMap(({ remarks: some }) => some.map((each) => `- ${each}`));
  return ['## How cost grows', '', ...plots, ...(remarks.length === 0 ? [] : [...remarks, ''])];
}

const explanation = [
  'A step waits for its loss, as training does at its logging interval. Times are medians of samples taken in turns, with the 10 %',
  'and 90 % quantiles; a sample of a variant whose steps differ (LETS every 4, LookSAM, gates) is a whole period of it, per step.',
  'The floor of a step is its gradient evaluations times one evaluation of the same mode; "of its floor" is the step, less the',
  "base's own update, in units of it. Captured, the update is the plain step less one evaluation. Ops are those that the native",
  'backend executed in a step, peak MB the most bytes of data held by optimizer and step together, and copies what of it is beyond',
  "the plain step's, in units of all weights. Inside a captured graph TensorFlow counts for itself, so neither is listed there.",
  'The base is SGD with momentum 0.9. `naive-sam` is SAM as people write it by hand (`tools/bench/naiveSam.mjs`); `sam-checked` ' +
    'is SAM of which each step is checked against the code first: what it takes beyond SAM, `train` pays once an epoch and logging interval.',
];

/** Why targets were not met. */
function reasonList(results) {
  const missed = judged(results).filter(({ met, text }) => met !== true && reasons[text] !== undefined);
  if (missed.length === 0) return [];
  return ['Not met or not measured, and why:', '', ...missed.map(({ text }) => `- ${text}: ${reasons[text]}`), ''];
}

/**
 * The Markdown page of some results.
 *
 * @param {string} folder where its plots are, as seen from the page.
 */
export function benchmarkPage(results, folder) {
  const { machine, notes, seconds, written } = results;
  return [
    '# Benchmarks',
    '',
    '<!-- Written by npm run bench: change it there. -->',
    '',
    'Made by `npm run bench` in one run; `benchmarks.json` has all of it.',
    '',
    `Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memory} GB, ${machine.system}. Node ${machine.node}, TensorFlow.js ` +
      `${machine.tfjs}, TensorFlow ${machine.tensorflow}. Written ${written}, after ${Math.round(seconds / 60)} minutes.`,
    '',
    ...notes.map((note) => `- ${note}`),
    '',
    ...explanation,
    '',
    '## Targets',
    '',
    ...targetTable(results),
    ...reasonList(results),
    ...results.models.flatMap((model) => modelSection(model, folder)),
    ...growthSection(results.growth, folder),
  ].join('\n');
}
