import type { Labels } from '@flatmin/data';
import { invalidFile, type Row } from '@flatmin/data/node';
import { type CellRules, isGap, numberOf, shown } from './cells.js';

/** Classes that a column of labels may have; one that has more is another column. */
const mostClasses = 10_000;

export interface LabelRules {
  readonly label: string;
  readonly task: 'classification' | 'regression';
  readonly rules: CellRules;
  /** What becomes of rows without a label. */
  readonly unlabelled: 'refuse' | 'drop';
}

/** The labels of one file, read row by row. */
export class LabelReader {
  readonly #column: string;
  readonly #regression: boolean;
  readonly #rules: CellRules;
  readonly #drops: boolean;
  /** Classes that are known before the file is read. */
  readonly #known: readonly string[] | undefined;
  readonly #numbers = new Map<string, number>();
  readonly #values: number[] = [];

  constructor({ label, task, rules, unlabelled }: LabelRules, known?: readonly string[]) {
    this.#column = label;
    this.#regression = task === 'regression';
    this.#rules = rules;
    this.#drops = unlabelled === 'drop';
    this.#known = known;
    known?.forEach((name, i) => this.#numbers.set(name, i));
  }

  /** @returns whether the row stays: false for one without a label that is dropped. */
  add(file: string, row: Row, place: number): boolean {
    const label = row.cells[place]?.trim() ?? '';
    const refuse = (what: string, remedy: string): never =>
      invalidFile(file, row.offset, `label ${JSON.stringify(this.#column)} ${what}`, remedy);
    // "NA" may be the name of a class, and is not a number.
    if (this.#regression ? isGap(label, this.#rules) : label === '') {
      if (this.#drops) return false;
      refuse(
        label === '' ? 'is empty' : `is ${shown(label)}, not a number`,
        'Give one in every row, or leave out such rows: `unlabelled: "drop"`.',
      );
    }
    if (this.#regression) {
      this.#values.push(
        this.#numberOf(label) ?? refuse(`is ${shown(label)}, not a number`, 'Or use task "classification".'),
      );
      return true;
    }
    let number = this.#numbers.get(label);
    if (number === undefined) {
      if (this.#known) refuse(`is ${shown(label)}, which train does not have`, 'Correct it.');
      if (this.#numbers.size === mostClasses) {
        refuse(`has more than ${mostClasses} values`, 'Choose another column, or use task "regression".');
      }
      number = this.#numbers.size;
      this.#numbers.set(label, number);
    }
    this.#values.push(number);
    return true;
  }

  #numberOf(label: string): number | undefined {
    const value = numberOf(label, this.#rules.decimal);
    return value !== undefined && Number.isFinite(Math.fround(value)) ? value : undefined;
  }

  /** Of a classification: whole numbers by their value, other names by their code units. */
  get classNames(): readonly string[] | undefined {
    if (this.#regression) return undefined;
    if (this.#known) return this.#known;
    return sortedNames(this.#numbers.keys());
  }

  /** int32 classes, or numbers in float64: they are rounded once they are scaled. */
  labels(file: string): Labels {
    if (this.#regression) return Float64Array.from(this.#values);
    const names = this.classNames as readonly string[];
    if (names.length < 2) {
      invalidFile(file, 0, `label ${JSON.stringify(this.#column)} is the same in every row`, 'Choose another column.');
    }
    // From the order in which they came to that of their names.
    const order = new Map(names.map((name, i) => [this.#numbers.get(name) as number, i]));
    return Int32Array.from(this.#values, (number) => order.get(number) as number);
  }
}

/** Names of classes or categories: whole numbers by their value, else by their code units. */
export function sortedNames(names: Iterable<string>): readonly string[] {
  const all = [...names];
  return all.every((name) => /^[+-]?\d{1,15}$/.test(name)) ? all.sort((a, b) => Number(a) - Number(b)) : all.sort();
}
