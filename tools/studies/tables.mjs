// The tables of a study: `node tools/studies/tables.mjs RESULTS.json...`, RESULTS being what
// `flatmin runs export FOLDER --format json` wrote of a comparison. Prints, in Markdown, what each method reached on
// each task and, where the comparison has LETS beside fixed radii, how far LETS is from the best of them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ count: number, mean: number, error?: number, least: number, greatest: number }} Summary
 * @typedef {{ name: string, method: string, seeds: { seed: number, result: number }[], result?: Summary,
 *   radius?: Summary, learnsRadius?: boolean, cost?: { gradientEvaluations: number } }} Row
 * @typedef {{ name: string, moreIsBetter: boolean, rows: Row[] }} Task
 */

const chosen = ', rho chosen on validation';

/** Three decimals, without the zero before the point of a share: .677. */
const decimals = (/** @type {number} */ value) => value.toFixed(3).replace(/^(-?)0\./, '$1.');

/** `.677 ± .008`, and of what learns its radius the smallest and largest final one. */
function cell(/** @type {Row | undefined} */ row) {
  if (row?.result === undefined) return '';
  const { mean, error } = row.result;
  const text = error === undefined ? decimals(mean) : `${decimals(mean)} ± ${decimals(error)}`;
  if (!row.learnsRadius || row.radius === undefined) return text;
  const range = [row.radius.least, row.radius.greatest].map((radius) => Number(radius.toPrecision(2)));
  return `${text} (${range.join(' to ')})`;
}

const table = (/** @type {readonly (readonly string[])[]} */ [head, ...rows]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A row for each method, a column for each task. */
export function resultTable(/** @type {readonly Task[]} */ tasks) {
  const names = [...new Set(tasks.flatMap(({ rows }) => rows.map(({ name }) => name)))];
  const of = (/** @type {Task} */ task, /** @type {string} */ name) => task.rows.find((row) => row.name === name);
  return table([
    ['method', ...tasks.map(({ name }) => name)],
    ...names.map((name) => [name, ...tasks.map((task) => cell(of(task, name)))]),
  ]);
}

/**
 * The mean of a less that of b over the seeds that both have, with the standard error of that mean; what is better is
 * positive.
 */
export function difference(/** @type {Task} */ { moreIsBetter }, /** @type {Row} */ a, /** @type {Row} */ b) {
  const other = new Map(b.seeds.map(({ seed, result }) => [seed, result]));
  const values = a.seeds.flatMap(({ seed, result }) => {
    const beside = other.get(seed);
    return beside === undefined ? [] : [(moreIsBetter ? 1 : -1) * (result - beside)];
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length), count: values.length };
}

/**
 * For each task, the better of the base alone and SAM at the radius that validation chose, and how far each row of LETS
 * is from it: the mean difference over the seeds ± its standard error, `=` where it is at most one below or better, `-`
 * where it is at most two below, `--` where it is more.
 */
export function goalTable(/** @type {readonly Task[]} */ tasks, base = 'base', fixed = `SAM${chosen}`) {
  const isLearner = (/** @type {Row} */ row) => row.learnsRadius === true && !row.name.endsWith(chosen);
  const learners = [...new Set(tasks.flatMap(({ rows }) => rows.filter(isLearner).map(({ name }) => name)))];
  const lines = tasks.map((task) => {
    const of = (/** @type {string} */ name) => task.rows.find((row) => row.name === name && row.result !== undefined);
    const candidates = [of(base), of(fixed)].filter((row) => row !== undefined);
    const value = (/** @type {Row} */ row) => (task.moreIsBetter ? 1 : -1) * /** @type {Summary} */ (row.result).mean;
    const best = candidates.sort((a, b) => value(b) - value(a))[0];
    return [
      task.name,
      `${best.name} ${cell(best)}`,
      ...learners.map((name) => {
        const row = of(name);
        if (row === undefined) return '';
        const { mean, error } = difference(task, row, best);
        const sign = mean >= -error ? '=' : mean >= -2 * error ? '-' : '--';
        return `${mean < 0 ? '' : '+'}${decimals(mean)} ± ${decimals(error)} ${sign}`;
      }),
    ];
  });
  return table([['task', 'best of base and SAM, chosen on validation', ...learners], ...lines]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of process.argv.slice(2)) {
    const { tasks } = JSON.parse(readFileSync(file, 'utf8'));
    console.log(`## ${path.basename(file)}\n\n${resultTable(tasks)}\n`);
    const hasBoth = tasks.every((/** @type {Task} */ { rows }) => rows.some(({ name }) => name === `SAM${chosen}`));
    if (hasBoth) console.log(`${goalTable(tasks)}\n`);
  }
}
