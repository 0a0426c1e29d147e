import { type Labels, type LabelledSource, mapRecords, type RecordSource } from '@flatmin/data';
import { bytesOf, type DataFolder, invalidFile, missingFile, openRows, type Row } from '@flatmin/data/node';
import { fileOf, type Genres, type GlueTask, type GlueTaskName, glueTaskNames, glueTasks } from './tasks.js';

/** Far more than the first row of any task. */
const headBytes = 2 ** 16;

/** The sentences of each example, one or two, and its label. */
export type GlueSource = LabelledSource<readonly string[], Labels>;

export interface ReadGlueOptions {
  readonly task: GlueTaskName;
  readonly genres: Genres;
  readonly memory: number;
}

/**
 * Opens train and dev of a task: checks every row and reads the labels; sentences are read when they are asked for.
 *
 * Files are separated by tabs, and a quote is a character. `folder` is that of the task.
 *
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID with file, offset and remedy.
 */
export async function readGlue(
  folder: DataFolder,
  { task, genres, memory }: ReadGlueOptions,
): Promise<{ readonly train: GlueSource; readonly dev: GlueSource }> {
  const read = async (part: 'train' | 'dev'): Promise<GlueSource> =>
    readPart(folder, fileOf(task, part, genres), glueTasks[task], memory);
  return { train: await read('train'), dev: await read('dev') };
}

/**
 * The sentences of a task's test file, whose labels GLUE keeps to itself, in file order. Its rows begin with their
 * number.
 */
export async function readGlueTest(
  folder: DataFolder,
  { task, genres, memory }: ReadGlueOptions,
): Promise<RecordSource<readonly string[]>> {
  const file = await folder.open(fileOf(task, 'test', genres));
  const columns = glueTasks[task].testTexts;
  // The test file of QQP is whole.
  const rows = await openRows(file, {
    format: 'tsv',
    memory,
    header: ([first = '']) => !/^\d+$/.test(first),
    keep: (row) => textsOf(file.name, row, columns).length > 0,
  });
  return mapRecords(rows, (row) => textsOf(file.name, row, columns));
}

async function readPart(folder: DataFolder, name: string, task: GlueTask, memory: number): Promise<GlueSource> {
  const file = await folder.open(name);
  const labels: number[] = [];
  const rows = await openRows(file, {
    format: 'tsv',
    memory,
    header: (first) => isHeader(file.name, task, first),
    ragged: task.cells !== undefined,
    keep: (row) => {
      if (task.cells !== undefined && row.cells.length !== task.cells) return false;
      textsOf(file.name, row, task.texts);
      labels.push(labelOf(file.name, row, task));
      return true;
    },
  });
  if (rows.size === 0) invalidFile(file.name, 0, 'it has no rows', 'Download GLUE again.');
  const source = mapRecords(rows, (row) => textsOf(file.name, row, task.texts));
  return { ...source, labels: task.labels ? Int32Array.from(labels) : Float64Array.from(labels) };
}

/** Whether the first row of train or dev names its columns. A file without a header begins with a row of the task. */
function isHeader(file: string, task: GlueTask, first: readonly string[]): boolean {
  const { header, labelName } = task;
  if (header?.join() === first.join() || (labelName !== undefined && first.at(-1) === labelName)) return true;
  const isRow = header === undefined || first.length === header.length;
  if (isRow && classOf(task, first.at(task.label) ?? '') !== undefined) return false;
  const columns = header ?? (labelName === undefined ? undefined : ['...', labelName]);
  // CoLA's files have no header: what is wrong with the row is said where it is read.
  if (columns === undefined) return false;
  return invalidFile(
    file,
    0,
    `it begins with ${JSON.stringify(first.join(' ').slice(0, 80))}, which is neither the header of ${task.folder} ` +
      `(${columns.join(', ')}) nor one of its rows`,
    'Is it the file of this task? Use text-table to read other tables.',
  );
}

function textsOf(file: string, { cells, offset }: Row, columns: readonly number[]): readonly string[] {
  return columns.map(
    (column) =>
      cells[column] ??
      invalidFile(
        file,
        offset,
        `the row has ${cells.length} cells, and a sentence is in cell ${column + 1}`,
        'Is it the file of this task?',
      ),
  );
}

function labelOf(file: string, { cells, offset }: Row, task: GlueTask): number {
  const text = cells.at(task.label) ?? '';
  const shown = JSON.stringify(text.slice(0, 40));
  const what =
    task.labels === undefined
      ? `the score is ${shown}, not a number from 0 to 5`
      : `the label is ${shown}, not one of ${task.labels.join(', ')}`;
  return classOf(task, text) ?? invalidFile(file, offset, what, 'Is it the file of this task, and train or dev?');
}

/** The class or score that stands in a label column; undefined where it is neither. */
function classOf({ labels }: GlueTask, text: string): number | undefined {
  if (labels === undefined) {
    const value = /^\d(\.\d+)?$/.test(text) ? Number(text) : NaN;
    return value <= 5 ? value : undefined;
  }
  const found = labels.indexOf(text);
  return found >= 0 ? found : undefined;
}

/** The folder of a task: this one, or the one of its name in the GLUE download. */
export async function taskPlace(folder: DataFolder, task: GlueTaskName | undefined): Promise<string> {
  const names = await folder.names();
  if (names.includes('train.tsv')) return '.';
  const found = glueTaskNames.filter((each) => names.includes(glueTasks[each].folder));
  if (task !== undefined && found.includes(task)) return glueTasks[task].folder;
  return missingFile(
    `${folder.path}/train.tsv`,
    found.length > 0 ? `cannot be found; the tasks here are ${found.join(', ')}` : 'is not there',
    'Give the folder of a task as `dir`, or the folder of all tasks with `task`.',
  );
}

/**
 * The task that the first row of train shows: by its header; where that is of RTE and WNLI, by the first label; CoLA
 * has four cells and no header.
 */
export async function taskIn(folder: DataFolder): Promise<GlueTaskName> {
  const file = await folder.open('train.tsv');
  const bytes = await file.read(0, Math.min(file.size, headBytes));
  const end = bytes.lastIndexOf(0x0a) + 1;
  const head = bytesOf(file.name, end > 0 ? bytes.subarray(0, end) : bytes);
  const rows = await openRows(head, { format: 'tsv', ragged: true });
  const [first] = rows.size > 0 ? await rows.read([0]) : [];
  const columns = rows.columns;
  if (columns.length === 4 && /^[01]$/.test(columns[1] ?? '')) return 'cola';
  if (columns.includes('gold_label')) return 'mnli';
  const named = glueTaskNames.filter((task) => (glueTasks[task] as GlueTask).header?.join() === columns.join());
  const label = first?.cells.at(-1) ?? '';
  const task =
    named.length > 1 ? named.find((each) => (glueTasks[each] as GlueTask).labels?.includes(label)) : named[0];
  return (
    task ??
    invalidFile(
      file.name,
      0,
      `its columns belong to no GLUE task: ${columns.slice(0, 10).join(', ').slice(0, 200)}`,
      'Give the `task`, or read another table with text-table.',
    )
  );
}
