import { FlatminError } from '@flatmin/core';
import type * as DuckDB from '@duckdb/node-api';
import path from 'node:path';
import { foundConfig } from './foundConfig.js';
import { readMetrics, sayDamaged } from '../run/metricsFile.js';
import { isOfLines, queryOfDamage, tablesOf } from './queryTables.js';
import { readRows } from './readRows.js';

/** A value of the answer: a list, a struct or JSON as its text. */
export type Answer = string | number | boolean | null;

/** What a query gave. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Answer[])[];
}

/**
 * Asks run folders by SQL, as they are: nothing is indexed before, and nothing is written. The tables are those of
 * `flatmin runs query --help`: `runs`, `configs`, and `epochs`, `steps` and `evaluations`, for which metrics.jsonl is
 * parsed where the query names them. The query reads those files and no others.
 *
 * @throws FlatminError RUN_INVALID where DuckDB is not installed, or the query is wrong or is not a SELECT.
 */
export async function queryRuns(folders: readonly string[], sql: string): Promise<QueryResult> {
  const duckdb = await loadDuckDB();
  const damaged = new Map<string, readonly number[]>();
  const rows = await readRows(folders, (file, lines) => damaged.set(file, lines));
  const known = [...new Set(rows.map(({ folder }) => folder))];
  const configs = known.map((folder) => ({ folder, config: foundConfig(folder).value }));
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    // What a query needs is built in; nothing is fetched for it, and nothing spilled to disk.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: '',
  });
  const connection = await instance.connect();
  try {
    const hasLines = readsLines(connection, sql);
    const { statements, files } = tablesOf(rows, configs);
    for (const { text, values = [] } of statements) await connection.run(text, [...values]);
    await close(connection, files);
    if (hasLines) await sayDamage(connection, files);
    else damaged.forEach((lines, file) => sayDamaged(file, lines));
    return await answerOf(connection, sql, duckdb.StatementType.SELECT);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Whether a query names a view of lines; asked while there is none yet, as views are no tables to DuckDB. */
function readsLines(connection: DuckDB.DuckDBConnection, sql: string): boolean {
  try {
    return connection.getTableNames(sql, false).some(isOfLines);
  } catch {
    return false; // It is no query, and will be refused.
  }
}

/** Says what of the files is damaged: DuckDB passes such lines over, and knows no numbers of lines. */
async function sayDamage(connection: DuckDB.DuckDBConnection, files: readonly string[]): Promise<void> {
  const reader = await connection.runAndReadAll(queryOfDamage(files));
  for (const [folder] of reader.getRows()) {
    await readMetrics(path.join(folder as string, 'metrics.jsonl'), () => undefined);
  }
}

async function loadDuckDB(): Promise<typeof DuckDB> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    throw new FlatminError(
      'RUN_INVALID',
      `flatmin runs query asks DuckDB, which cannot be loaded: ${(cause as Error).message.split('\n')[0] ?? ''}. Install it: npm install @duckdb/node-api`,
      { cause },
    );
  }
}

/** From here on the files of metrics can be read, and nothing else, and that cannot be changed back. */
async function close(connection: DuckDB.DuckDBConnection, files: readonly string[]): Promise<void> {
  const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
  await connection.run(`set allowed_paths = [${list}]`);
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
}

async function answerOf(
  connection: DuckDB.DuckDBConnection,
  sql: string,
  select: DuckDB.StatementType,
): Promise<QueryResult> {
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) throw new Error(`it has ${statements.count} statements`);
    const prepared = await statements.prepare(0);
    if (prepared.statementType !== select) throw new Error('it is not a SELECT');
    const reader = await prepared.runAndReadAll();
    const types = reader.columnTypes().map(String);
    const rows = reader.getRowsJson().map((row) => row.map((value, i) => answer(value, types[i] as string)));
    return { columns: reader.columnNames(), rows };
  } catch (cause) {
    throw new FlatminError(
      'RUN_INVALID',
      `the query cannot be answered: ${(cause as Error).message.replace(/^Failed to extract statements: /, '').trim()}\nGive one SELECT; flatmin runs query --help names the tables.`,
      { cause },
    );
  }
}

const isNumeric = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL\(.*\))$/;

function answer(value: unknown, type: string): Answer {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return JSON.stringify(value);
  // Those that JSON has not come as text: NaN, and integers beyond 2^53, which stay so.
  if (!isNumeric.test(type) || (type.includes('INT') && !Number.isSafeInteger(Number(value)))) return value;
  return Number(value);
}
