import { existsSync } from 'node:fs';
import path from 'node:path';
import { columnsOfRows, flatRow } from './flatRow.js';
import type { RunRow } from './runRow.js';

/** A statement that makes a table or a view, with the values of its parameters. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly string[];
}

const texts = new Set(['folder', 'method', 'dataset', 'model', 'status', 'reason']);
const counts = new Set(['seed', 'epochs', 'steps', 'gradient_evaluations', 'best_epoch', 'best_step', 'batch_size']);

/** The tables over some runs, and the files that their views read. */
export function tablesOf(
  rows: readonly RunRow[],
  configs: readonly { readonly folder: string; readonly config: unknown }[],
): { readonly statements: readonly Statement[]; readonly files: readonly string[] } {
  const flat = rows.map(flatRow);
  const columns = columnsOfRows([flatRow({} as RunRow), ...flat]);
  const types = columns.map((name) => [name, typeOf(name)] as const);
  const files = configs
    .map(({ folder }) => ({ file: path.resolve(folder, 'metrics.jsonl'), folder }))
    // A cell that failed before it was a run has none.
    .filter(({ file }) => existsSync(file));
  const views = Object.entries(linesBy).map(([name, view]) =>
    viewOf(
      name,
      view,
      files.map(({ file }) => file),
    ),
  );
  return {
    statements: [
      tableOf('runs', types, flat),
      tableOf('configs', [['folder', 'VARCHAR'], ['config', 'JSON']], configs), // prettier-ignore
      tableOf('metrics_files', [['file', 'VARCHAR'], ['folder', 'VARCHAR']], files), // prettier-ignore
      ...views,
    ],
    files: files.map(({ file }) => file),
  };
}

function typeOf(column: string): string {
  if (texts.has(column)) return 'VARCHAR';
  if (column === 'created') return 'TIMESTAMP';
  return counts.has(column) ? 'BIGINT' : 'DOUBLE';
}

/** A table of values in memory: they go over as one text of JSON. */
function tableOf(name: string, types: readonly (readonly [string, string])[], rows: readonly object[]): Statement {
  const structure = JSON.stringify([Object.fromEntries(types)]);
  const text = JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return {
    text: `create table ${name} as select unnest(from_json($1::JSON, '${structure}'), max_depth := 2)`,
    values: [text],
  };
}

interface View {
  readonly event: string;
  /** What a line cannot do without, beside method and seed. */
  readonly needs: readonly string[];
  /** Fields of a line, with their types. */
  readonly fields: Readonly<Record<string, string>>;
  /** The columns of the view, behind folder, method and seed. */
  readonly columns: readonly string[];
}

const place = { epoch: 'BIGINT', step: 'BIGINT' };
const loop = { loss: 'DOUBLE', radius: 'DOUBLE', learningRate: 'DOUBLE', gradientEvaluations: 'BIGINT' };
const loopColumns = ['epoch', 'step', 'loss', 'radius as rho', 'learningRate as learning_rate', 'gradientEvaluations as gradient_evaluations']; // prettier-ignore
const judged = (part: string): string[] => [
  ...['loss', 'accuracy'].map((name) => `try_cast(${part}->>'$.${name}' as double) as ${part}_${name}`),
  part,
];

/** Which lines of metrics.jsonl make which view. */
const linesBy: Readonly<Record<string, View>> = {
  epochs: {
    event: 'epoch',
    needs: ['epoch', 'step'],
    fields: { ...place, ...loop, train: 'JSON', validation: 'JSON', test: 'JSON' },
    columns: [...loopColumns, ...judged('train'), ...judged('validation'), ...judged('test')],
  },
  steps: {
    event: 'step',
    needs: ['lastStep'],
    fields: { ...place, ...loop, seconds: 'DOUBLE', lastStep: 'JSON' },
    columns: [...loopColumns, 'seconds', 'lastStep as last_step'],
  },
  evaluations: {
    event: 'evaluation',
    needs: [],
    fields: { ...place, part: 'VARCHAR', loss: 'DOUBLE', accuracy: 'DOUBLE', scores: 'JSON' },
    columns: ['epoch', 'step', 'part', 'loss', 'accuracy', 'scores'],
  },
};

/** Read when a query names it; damaged lines are null, or lack something, and are left out. */
function viewOf(name: string, { event, needs, fields, columns }: View, files: readonly string[]): Statement {
  return {
    text:
      `create view ${name} as select folder, method, seed, ${columns.join(', ')} ` +
      `from ${linesIn(files, { ...ofEveryLine, ...fields })} join metrics_files on file = filename ` +
      `where event = '${event}' and not (${lacks(['method', 'seed', ...needs])})`,
  };
}

const ofEveryLine = { event: 'VARCHAR', method: 'VARCHAR', seed: 'BIGINT' };

/** The lines of some files, with the file of each. */
function linesIn(files: readonly string[], fields: Readonly<Record<string, string>>): string {
  if (files.length === 0) {
    const none = Object.entries({ ...fields, filename: 'VARCHAR' }).map(([name, type]) => `null::${type} as "${name}"`);
    return `(select ${none.join(', ')} where false)`;
  }
  const types = Object.entries(fields).map(([name, type]) => `"${name}": '${type}'`);
  const options = `format = 'newline_delimited', ignore_errors = true, filename = true, columns = {${types.join(', ')}}`;
  return `read_json([${files.map(quoted).join(', ')}], ${options})`;
}

const lacks = (fields: readonly string[]): string => fields.map((name) => `${name} is null`).join(' or ');

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Whether a table is one of lines, of which a damaged one would be left out. */
export const isOfLines = (table: string): boolean => table.toLowerCase() in linesBy;

/** The query for the folders in whose metrics a line is damaged, or has no end. */
export function queryOfDamage(files: readonly string[]): string {
  const ofEvents = Object.values(linesBy)
    .filter(({ needs }) => needs.length > 0)
    .map(({ event, needs }) => `(event = '${event}' and (${lacks(needs)}))`);
  const lines = linesIn(files, { ...ofEveryLine, ...place, lastStep: 'JSON' });
  return (
    `select distinct folder from ${lines} join metrics_files on file = filename ` +
    `where ${[lacks(Object.keys(ofEveryLine)), ...ofEvents].join(' or ')} order by folder`
  );
}
