import type { GlueTaskName } from './tasks.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const tsv = (rows: readonly (readonly string[])[]): Uint8Array =>
  encode(rows.map((cells) => `${cells.join('\t')}\n`).join(''));

const similarity = 'index genre filename year old_index source1 source2 sentence1 sentence2'.split(' ');
const inference = 'index promptID pairID s1_binary_parse s2_binary_parse s1_parse s2_parse genre sentence1 sentence2';
const mnli = inference.split(' ');
const cells = (name: string, count: number, i: number): string[] =>
  Array.from({ length: count }, (_, k) => `${name}${k}.${i}`);
/** The columns before the sentences: the first is the number of the row. */
const front = (i: number, count: number): string[] => [String(i), ...cells('c', count - 1, i)];

interface Made {
  readonly train: readonly (readonly string[])[];
  readonly dev: readonly (readonly string[])[];
  readonly test: readonly (readonly string[])[];
}

/** Row i of a part: sentences `one i "` and `two i`, with a quote that does not close. */
function rows(make: (one: string, two: string, i: number) => string[], count: number): string[][] {
  return Array.from({ length: count }, (_, i) => make(`one ${i} "`, `two ${i}`, i));
}
const pairs = (first: string, second: string, labels: readonly string[]): Made => {
  const make = (one: string, two: string, i: number) => [String(i), one, two, labels[i % 2] as string];
  const header = ['index', first, second, 'label'];
  return {
    train: [header, ...rows(make, 6)],
    dev: [header, ...rows(make, 3)],
    test: [header.slice(0, 3), ...rows((one, two, i) => make(one, two, i).slice(0, 3), 2)],
  };
};

/** Six, three and two rows a part, in the layout of each task. */
const made: Readonly<Record<GlueTaskName, () => Made>> = {
  cola: () => {
    const make = (one: string, _: string, i: number) => ['gj04', String(i % 2), i % 2 ? '' : '*', one];
    return {
      train: rows(make, 6),
      dev: rows(make, 3),
      test: [['index', 'sentence'], ...rows((one, _, i) => [String(i), one], 2)],
    };
  },
  'sst-2': () => {
    const make = (one: string, _: string, i: number) => [`${one} `, String(i % 2)];
    const header = ['sentence', 'label'];
    return {
      train: [header, ...rows(make, 6)],
      dev: [header, ...rows(make, 3)],
      test: [['index', 'sentence'], ...rows((one, _, i) => [String(i), one], 2)],
    };
  },
  mrpc: () => {
    const make = (one: string, two: string, i: number) => [String(i % 2), '1', '2', one, two];
    const header = ['Quality', '#1 ID', '#2 ID', '#1 String', '#2 String'];
    return {
      train: [header, ...rows(make, 6)],
      dev: [header, ...rows(make, 3)],
      test: [['index', ...header.slice(1)], ...rows(make, 2)],
    };
  },
  qqp: () => {
    const make = (one: string, two: string, i: number) => [String(i), '1', '2', one, two, String(i % 2)];
    const header = ['id', 'qid1', 'qid2', 'question1', 'question2', 'is_duplicate'];
    const broken = ['9', '1', '2', 'a tab\twithin', 'two', '0'];
    return {
      train: [header, ...rows(make, 3), broken, ...rows(make, 6).slice(3), ['10', '1', '2', 'cut off']],
      dev: [header, ...rows(make, 3)],
      test: [['id', 'question1', 'question2'], ...rows((one, two, i) => [String(i), one, two], 2)],
    };
  },
  'sts-b': () => {
    const make = (one: string, two: string, i: number) => [...front(i, 7), one, two, (i / 2 + 0.25).toFixed(3)];
    const header = [...similarity, 'score'];
    return {
      train: [header, ...rows(make, 6)],
      dev: [header, ...rows(make, 3)],
      test: [similarity, ...rows((one, two, i) => make(one, two, i).slice(0, 9), 2)],
    };
  },
  mnli: () => {
    const labels = ['neutral', 'entailment', 'contradiction'];
    const make = (between: number) => (one: string, two: string, i: number) => [
      ...front(i, 8),
      one,
      two,
      ...cells('l', between, i),
      labels[i % 3] as string,
    ];
    return {
      train: [[...mnli, 'label1', 'gold_label'], ...rows(make(1), 6)],
      dev: [[...mnli, ...cells('label', 5, 0), 'gold_label'], ...rows(make(5), 3)],
      test: [mnli, ...rows((one, two, i) => [...front(i, 8), one, two], 2)],
    };
  },
  qnli: () => pairs('question', 'sentence', ['entailment', 'not_entailment']),
  rte: () => pairs('sentence1', 'sentence2', ['not_entailment', 'entailment']),
  wnli: () => pairs('sentence1', 'sentence2', ['0', '1']),
};

/** The files of a task. */
export function glueFiles(task: GlueTaskName): Record<string, Uint8Array> {
  const { train, dev, test } = made[task]();
  if (task !== 'mnli') return { 'train.tsv': tsv(train), 'dev.tsv': tsv(dev), 'test.tsv': tsv(test) };
  return {
    'train.tsv': tsv(train),
    'dev_matched.tsv': tsv(dev),
    'dev_mismatched.tsv': tsv(dev.slice(0, 3)),
    'test_matched.tsv': tsv(test),
    'test_mismatched.tsv': tsv(test.slice(0, 2)),
  };
}
