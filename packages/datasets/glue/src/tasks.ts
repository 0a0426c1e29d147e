/** Where the files of a task have what: columns are counted from 0. */
export interface GlueTask {
  /** Name of the folder in the GLUE download. */
  readonly folder: string;
  /** Names of the columns of train and dev, where they have a header: they tell the task. */
  readonly header?: readonly string[];
  /** Name of the label column, where that alone tells the header: MNLI's train and dev have other columns beside. */
  readonly labelName?: string;
  /** Columns of the sentences in train and dev. */
  readonly texts: readonly number[];
  /** Column of the label in train and dev; -1 is the last one. */
  readonly label: number;
  /** What stands in the label column for each class; absent for a regression. */
  readonly labels?: readonly string[];
  readonly classNames?: readonly string[];
  /** Rows with another number of cells are left out: tabs within the text of QQP have broken some. */
  readonly cells?: number;
  /** Columns of the sentences in test, which has a header and no labels. */
  readonly testTexts: readonly number[];
  readonly metrics: readonly MetricName[];
}

export type MetricName = 'accuracy' | 'f1' | 'matthews' | 'pearson' | 'spearman';

export type GlueTaskName = 'cola' | 'sst-2' | 'mrpc' | 'qqp' | 'sts-b' | 'mnli' | 'qnli' | 'rte' | 'wnli';

const entailment = ['entailment', 'not_entailment'];
const pair = ['index', 'sentence1', 'sentence2', 'label'];

/** The columns as fairseq's and Hugging Face's readers of GLUE have them. */
export const glueTasks = {
  cola: {
    folder: 'CoLA',
    texts: [3],
    label: 1,
    labels: ['0', '1'],
    classNames: ['unacceptable', 'acceptable'],
    testTexts: [1],
    metrics: ['matthews'],
  },
  'sst-2': {
    folder: 'SST-2',
    header: ['sentence', 'label'],
    texts: [0],
    label: 1,
    labels: ['0', '1'],
    classNames: ['negative', 'positive'],
    testTexts: [1],
    metrics: ['accuracy'],
  },
  mrpc: {
    folder: 'MRPC',
    header: ['Quality', '#1 ID', '#2 ID', '#1 String', '#2 String'],
    texts: [3, 4],
    label: 0,
    labels: ['0', '1'],
    classNames: ['different', 'paraphrase'],
    testTexts: [3, 4],
    metrics: ['f1', 'accuracy'],
  },
  qqp: {
    folder: 'QQP',
    header: ['id', 'qid1', 'qid2', 'question1', 'question2', 'is_duplicate'],
    texts: [3, 4],
    label: 5,
    labels: ['0', '1'],
    classNames: ['different', 'duplicate'],
    cells: 6,
    testTexts: [1, 2],
    metrics: ['f1', 'accuracy'],
  },
  'sts-b': {
    folder: 'STS-B',
    header: [
      'index',
      'genre',
      'filename',
      'year',
      'old_index',
      'source1',
      'source2',
      'sentence1',
      'sentence2',
      'score',
    ],
    texts: [7, 8],
    label: -1,
    testTexts: [7, 8],
    metrics: ['pearson', 'spearman'],
  },
  mnli: {
    folder: 'MNLI',
    labelName: 'gold_label',
    texts: [8, 9],
    label: -1,
    labels: ['contradiction', 'entailment', 'neutral'],
    testTexts: [8, 9],
    metrics: ['accuracy'],
  },
  qnli: {
    folder: 'QNLI',
    header: ['index', 'question', 'sentence', 'label'],
    texts: [1, 2],
    label: 3,
    labels: entailment,
    testTexts: [1, 2],
    metrics: ['accuracy'],
  },
  rte: {
    folder: 'RTE',
    header: pair,
    texts: [1, 2],
    label: 3,
    labels: entailment,
    testTexts: [1, 2],
    metrics: ['accuracy'],
  },
  wnli: {
    folder: 'WNLI',
    header: pair,
    texts: [1, 2],
    label: 3,
    labels: ['0', '1'],
    classNames: entailment.toReversed(),
    testTexts: [1, 2],
    metrics: ['accuracy'],
  },
} as const satisfies Record<GlueTaskName, GlueTask>;

export const glueTaskNames = Object.keys(glueTasks) as GlueTaskName[];

/** MNLI has two parts of each kind: of the genres of train, and of others. */
export const genres = ['matched', 'mismatched'] as const satisfies readonly Genres[];
export type Genres = 'matched' | 'mismatched';

/** Name of a file of a task. */
export function fileOf(task: GlueTaskName, part: 'train' | 'dev' | 'test', which: Genres): string {
  return task === 'mnli' && part !== 'train' ? `${part}_${which}.tsv` : `${part}.tsv`;
}

/** The options that a folder's names tell, or undefined where they are not those of GLUE. */
export function detect(names: readonly string[]): { readonly task?: GlueTaskName } | undefined {
  if (names.includes('train.tsv') && names.includes('dev_matched.tsv')) return { task: 'mnli' };
  if (['train.tsv', 'dev.tsv', 'test.tsv'].every((name) => names.includes(name))) return {};
  const tasks = glueTaskNames.filter((task) => names.includes(glueTasks[task].folder));
  if (tasks.length === 1) return { task: tasks[0] as GlueTaskName };
  return tasks.length > 1 ? {} : undefined;
}
