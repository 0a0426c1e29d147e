import { type LabelledSource, type Labels, Moments, recordsOf, spaced } from '@flatmin/data';
import { invalidFile } from '@flatmin/data/node';
import { type CellRules, isGap, numberOf, shown, type UsedCells } from './cells.js';

/** Different values that a category may have. */
export const mostCategories = 1000;
/** Different values that are few enough for a category if each comes twice, on average. */
const fewValues = 50;
/** The share of numbers from which other values are taken for mistakes. */
const mostlyNumbers = 0.9;
/** Words a value, on average, from which a column is text. */
const wordsOfText = 1.5;

export type ColumnKind = 'number' | 'category' | 'text' | 'ignore';

interface Found {
  readonly cell: string;
  readonly file: string;
  readonly offset: number;
}

/** What the rows of train say of a column. Holds a count for each of up to {@link mostCategories} different values. */
export class ColumnProfile {
  readonly name: string;
  readonly moments = new Moments();
  /** How often each value comes, while they are not too many. */
  readonly values = new Map<string, number>();
  readonly #rules: CellRules;
  #rows = 0;
  #gaps = 0;
  #words = 0;
  /** Cells that would be numbers with the other decimal mark. */
  #otherNumbers = 0;
  /** The first that is not a number. */
  #firstOther: Found | undefined;
  #tooLarge: Found | undefined;

  constructor(name: string, rules: CellRules) {
    this.name = name;
    this.#rules = rules;
  }

  get gaps(): number {
    return this.#gaps;
  }

  /** Rows with a value. */
  get present(): number {
    return this.#rows - this.#gaps;
  }

  /** Of a column from which nothing can be learned. */
  get whyIgnored(): string {
    const { present, values } = this;
    if (present === 0) return 'no value in train';
    const different = values.size > mostCategories ? `more than ${mostCategories}` : values.size;
    return `${different} different values in ${present} rows, of one word: set the kind in \`columns\` to use them`;
  }

  add({ cells, file, offset }: UsedCells, place: number): void {
    const cell = cells[place];
    this.#rows += 1;
    if (isGap(cell, this.#rules)) {
      this.#gaps += 1;
      return;
    }
    const text = (cell as string).trim();
    const { decimal } = this.#rules;
    const value = numberOf(text, decimal);
    if (value === undefined) this.#firstOther ??= { cell: text, file, offset };
    else this.moments.add(value);
    if (value !== undefined && !Number.isFinite(Math.fround(value))) this.#tooLarge ??= { cell: text, file, offset };
    if (numberOf(text, decimal === '.' ? ',' : '.') !== undefined) this.#otherNumbers += 1;
    this.#words += spaced(text).length;
    if (this.values.size <= mostCategories) this.values.set(text, (this.values.get(text) ?? 0) + 1);
  }

  /**
   * What the column is, where nobody says: numbers where all values are; a category where they repeat; text where they
   * have several words; else nothing that could be learned from, such as numbers of tickets.
   *
   * @throws FlatminError DATA_FILE_INVALID where nearly all values are numbers, or all are with the other decimal mark:
   *   a mistake would make a category of them silently.
   */
  kind(): ColumnKind {
    const { present } = this;
    if (present === 0) return 'ignore';
    const numbers = this.moments.count;
    if (numbers === present) {
      if (this.#tooLarge)
        this.#refuse(this.#tooLarge, 'not a number that float32 can hold', 'Correct it, list it in `missing`,');
      return 'number';
    }
    const other = this.#firstOther as Found;
    if (numbers >= mostlyNumbers * present) {
      this.#refuse(
        other,
        `not a number, as ${numbers} of ${present} values of train are`,
        'Correct it, list it in `missing`,',
      );
    }
    if (this.#otherNumbers === present) {
      const mark = this.#rules.decimal === '.' ? ',' : '.';
      this.#refuse(
        other,
        `not a number, unless ${JSON.stringify(mark)} is the decimal mark`,
        `Give \`decimal: ${JSON.stringify(mark)}\`, or remove the thousands separators,`,
      );
    }
    const different = this.values.size;
    const isFew = different <= 2 || (different <= fewValues && 2 * different <= present);
    if (different < present && (isFew || (different <= mostCategories && 10 * different <= present))) return 'category';
    return this.#words >= wordsOfText * present ? 'text' : 'ignore';
  }

  #refuse({ cell, file, offset }: Found, what: string, remedy: string): never {
    const other = `or set the kind of the column: \`columns: { ${JSON.stringify(this.name)}: "category" }\`.`;
    return invalidFile(file, offset, `${JSON.stringify(this.name)} is ${shown(cell)}, ${what}`, `${remedy} ${other}`);
  }
}

/** The profiles of columns, by one pass over the train part. */
export async function profilesOf(
  train: LabelledSource<UsedCells, Labels>,
  names: readonly string[],
  rules: CellRules,
): Promise<readonly ColumnProfile[]> {
  const profiles = names.map((name) => new ColumnProfile(name, rules));
  for await (const row of recordsOf(train)) profiles.forEach((profile, place) => profile.add(row, place));
  return profiles;
}
