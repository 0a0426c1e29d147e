import type { Labels } from '@flatmin/data';
import { invalidFile, type Row } from '@flatmin/data/node';
import { numberOf } from './numbers.js';

/** Classes that a column of labels may have; one that has more is another column. */
const mostClasses = 10_000;

/** The labels of one file, read row by row. */
export class LabelReader {
  readonly #column: string;
  readonly #regression: boolean;
  /** Classes that are known before the file is read. */
  readonly #known: readonly string[] | undefined;
  readonly #numbers = new Map<string, number>();
  readonly #values: number[] = [];

  constructor(column: string, task: 'classification' | 'regression', known?: readonly string[]) {
    this.#column = column;
    this.#regression = task === 'regression';
    this.#known = known;
    known?.forEach((name, i) => this.#numbers.set(name, i));
  }

  add(file: string, row: Row, place: number): void {
    const label = row.cells[place]?.trim() ?? '';
    const refuse = (what: string, remedy: string): never =>
      invalidFile(file, row.offset, `label ${JSON.stringify(this.#column)} ${what}`, remedy);
    if (label === '') refuse('is empty', 'Give one in every row, or drop the row.');
    if (this.#regression) {
      this.#values.push(
        numberOf(label) ?? refuse(`is ${JSON.stringify(label.slice(0, 40))}, no number`, 'Or is it a classification?'),
      );
      return;
    }
    let number = this.#numbers.get(label);
    if (number === undefined) {
      if (this.#known) refuse(`is ${JSON.stringify(label.slice(0, 40))}, which train does not have`, 'Mend it.');
      if (this.#numbers.size === mostClasses) {
        refuse(`has more than ${mostClasses} values`, 'Choose another column, or task "regression".');
      }
      number = this.#numbers.size;
      this.#numbers.set(label, number);
    }
    this.#values.push(number);
  }

  /** Of a classification: whole numbers by their value, other names by their code units. */
  get classNames(): readonly string[] | undefined {
    if (this.#regression) return undefined;
    if (this.#known) return this.#known;
    const names = [...this.#numbers.keys()];
    return names.every((name) => /^[+-]?\d{1,15}$/.test(name))
      ? names.sort((a, b) => Number(a) - Number(b))
      : names.sort();
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
