import type { FlatminContainer, Problem, Spec } from '@flatmin/core';
import { ProblemList, validated } from '@flatmin/core/internal';
import { judgedConfig, problemsOfSeeds, problemsOfSpec } from '../config/checkConfig.js';
import { namesOf, withField } from '../config/fields.js';
import { type RunConfig, runConfigSchema, seedsOf } from '../config/runConfig.js';
import { methodName } from '../run/methodName.js';
import { type AxisGroup, axesOf, combined, groupsOf, nameOfPoint, countOf, type SweptAxis } from './axes.js';
import { type CompareConfig, compareConfigSchema } from './compareConfig.js';
import { checkExclude, isExcluded } from './exclude.js';
import type { Cell, Coordinate, Grid, Row, Task } from './grid.js';

/** More than anybody means to run: a sweep of sweeps by mistake. */
const mostCells = 100_000;

/** What a run has of the config as it stands: not its seeds, of which it has one. */
const ofRun: ReadonlySet<string> = new Set(
  Object.keys(runConfigSchema.shape).filter((field) => field !== 'seed' && field !== 'seeds'),
);

/** A grid, and what runs are given beside it. */
export interface ConfiguredGrid {
  readonly grid: Grid;
  readonly config: CompareConfig;
}

/**
 * The grid of a config: its tasks, their rows, and every run of them, checked. An axis of optimizer options is of the
 * methods that take at least one of its values: `optimizer.rho` leaves out a method without a radius. Under a budget
 * the cells have one epoch, until it is known what a step costs.
 *
 * @throws FlatminError SPEC_INVALID with every problem, by path.
 */
export function gridOf(value: unknown, file: string, container: FlatminContainer): ConfiguredGrid {
  const problems = new ProblemList();
  const { output, problems: found } = validated(compareConfigSchema, value, { name: 'the config' });
  problems.addAll(found, '');
  const fields = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  problems.addAll(problemsOfSeeds(fields), '');
  // Without the right fields there is nothing to put together; what can be said of the specs is said with it.
  if (found.length > 0) {
    problems.addAll(problemsOfSpecs(fields, container), '');
    return problems.throwAll(file) as never;
  }
  const config = output as CompareConfig;
  checkTogether(config, problems);
  const methods = methodsOf(config);
  const axes = axesOf(config, problems);
  const groups = groupsOf(axes, config.zip, problems);
  if (problems.all.length > 0) {
    problems.addAll(problemsOfSpecs(fields, container), '');
    return problems.throwAll(file) as never;
  }
  return { grid: new Builder(config, methods, groups, container).build(file), config };
}

/** The specs that stand in the config itself. */
function problemsOfSpecs(fields: Readonly<Record<string, unknown>>, container: FlatminContainer): readonly Problem[] {
  const kinds = ['dataset', 'model', 'optimizer'] as const;
  const methods = Object.entries((fields['methods'] ?? {}) as Readonly<Record<string, unknown>>);
  return [
    ...kinds.flatMap((kind) => problemsOfSpec(kind, fields[kind], container)),
    ...methods.flatMap(([name, spec]) => problemsOfSpec('optimizer', spec, container, `methods.${name}`)),
  ];
}

/** What zod cannot say, as it needs several fields. */
function checkTogether(config: CompareConfig, problems: ProblemList): void {
  const { optimizer, methods, epochs, budget, reference, select, evaluate } = config;
  if ((optimizer === undefined) === (methods === undefined)) {
    const message = optimizer === undefined ? 'is missing' : 'is given together with optimizer';
    problems.add('methods', methods, message, 'Name optimizer specs in methods, or give one as optimizer.');
  }
  const sweepsEpochs = 'epochs' in config.sweep;
  if (budget === undefined ? epochs === undefined && !sweepsEpochs : epochs !== undefined || sweepsEpochs) {
    const message = budget === undefined ? 'is missing' : 'cannot be given with budget, which decides the epochs';
    problems.add('epochs', epochs, message, 'Give epochs, or a budget of gradient evaluations.');
  }
  const names = Object.keys(methodsOf(config));
  if (reference !== undefined && !names.includes(reference)) {
    problems.add('reference', reference, 'is not a method', `Methods: ${names.join(', ')}.`);
  }
  const part = select?.metric.split('.')[0] as 'train' | 'validation' | undefined;
  if (part !== undefined && evaluate?.parts !== undefined && !evaluate.parts.includes(part)) {
    problems.add(
      'select.metric',
      select?.metric,
      'is for a part that is not evaluated',
      `Add "${part}" to evaluate.parts.`,
    );
  }
}

function methodsOf({ methods, optimizer }: CompareConfig): Readonly<Record<string, Spec>> {
  return methods ?? (optimizer === undefined ? {} : { [methodName(optimizer)]: optimizer });
}

/** Puts tasks, rows and cells together. */
class Builder {
  readonly #config: CompareConfig;
  readonly #methods: Readonly<Record<string, Spec>>;
  readonly #groups: readonly AxisGroup[];
  readonly #container: FlatminContainer;
  readonly #problems = new ProblemList();
  readonly #said = new Set<string>();
  readonly #axes: readonly SweptAxis[];

  constructor(
    config: CompareConfig,
    methods: Readonly<Record<string, Spec>>,
    groups: readonly AxisGroup[],
    container: FlatminContainer,
  ) {
    this.#config = config;
    this.#methods = methods;
    this.#groups = groups;
    this.#axes = groups.flatMap((group) => group.axes);
    this.#container = container;
  }

  build(file: string): Grid {
    const { reference, select } = this.#config;
    const names = Object.keys(this.#methods);
    const taken = new Map(names.map((method) => [method, this.#groupsOf(method)]));
    for (const axis of this.#axes) this.#requireTaken(axis);
    const seeds = seedsOf(this.#config as unknown as RunConfig);
    const shared = this.#groups.filter(({ of }) => of === 'tasks');
    const rows = [...taken.values()].reduce((sum, groups) => sum + countOf(groups), 0);
    const runs = countOf(shared) * rows * seeds.length;
    if (runs > mostCells) {
      const remedy = `Sweep fewer values: at most ${mostCells.toLocaleString('en-US')} runs are allowed.`;
      this.#problems.add('sweep', `${runs.toLocaleString('en-US')} runs`, 'is more than a grid may have', remedy);
      this.#problems.throwAll(file);
    }
    const tasks = combined(shared).map((at): Task & { readonly cells: Cell[] } => {
      const task = nameOfPoint(at);
      const all = names.flatMap((method) => this.#rowsOf(method, taken.get(method) ?? []));
      const cells = all.flatMap((row) => this.#cellsOf(row, at, task, seeds));
      return { name: task, at, rows: all.filter(({ name }) => cells.some((cell) => cell.row === name)), cells };
    });
    const cells = tasks.flatMap((task) => task.cells);
    checkExclude(this.#config.exclude, { methods: names, seeds, axes: this.#axes }, this.#problems);
    // Where a config is wrong, it has no cells, and that has been said.
    if (cells.length === 0 && this.#problems.all.length === 0) {
      this.#problems.add('exclude', this.#config.exclude, 'excludes every run', 'Exclude less.');
    }
    this.#problems.throwAll(file);
    return {
      tasks: tasks.filter(({ rows }) => rows.length > 0).map(({ name, at, rows }) => ({ name, at, rows })),
      cells,
      axes: this.#axes.map(({ names: _, ...axis }) => axis),
      reference: reference ?? (names[0] as string),
      seeds,
      ...(select && { select }),
    };
  }

  /** The groups of axes that a method takes, with no other axes in them. */
  #groupsOf(method: string): readonly AxisGroup[] {
    return this.#groups.flatMap((group) => {
      const axes = group.axes.filter((axis) => this.#takes(method, axis));
      if (group.of !== 'rows' || axes.length === 0) return [];
      const isTaken = ({ path }: Coordinate): boolean => axes.some((axis) => axis.path === path);
      return [{ ...group, axes, points: group.points.map((point) => point.filter(isTaken)) }];
    });
  }

  /** Whether a method takes a value of an axis: where the options have no such name, or another place has it, none. */
  #takes(method: string, { of, names, values }: SweptAxis): boolean {
    if (of === 'tasks') return true;
    if (names[0] === 'methods') return names[1] === method;
    const inside = names.slice(1);
    const at = inside.join('.');
    return values.some(({ value }) => {
      const spec = withField(this.#methods[method], inside, value);
      return !problemsOfSpec('optimizer', spec, this.#container, '').some(({ path }) => path === at);
    });
  }

  #requireTaken(axis: SweptAxis): void {
    if (Object.keys(this.#methods).some((method) => this.#takes(method, axis))) return;
    const [first] = axis.values;
    const inside = axis.names.slice(1);
    const why = Object.entries(this.#methods).flatMap(([method, spec]) => {
      const problems = problemsOfSpec('optimizer', withField(spec, inside, first?.value), this.#container, '');
      const found = problems.find(({ path }) => path === inside.join('.'));
      return found === undefined ? [] : [`${method}: ${found.message}`];
    });
    this.#problems.add(
      `sweep.${axis.path}`,
      first?.value,
      `applies to no method (${why.join('; ')})`,
      'Correct the path or its values.',
    );
  }

  #rowsOf(method: string, groups: readonly AxisGroup[]): readonly Row[] {
    const isOnly = Object.keys(this.#methods).length === 1;
    return combined(groups).map((at) => {
      const point = nameOfPoint(at);
      return { name: point === '' ? method : isOnly ? point : `${method}, ${point}`, method, at };
    });
  }

  #cellsOf(row: Row, at: readonly Coordinate[], task: string, seeds: readonly number[]): readonly Cell[] {
    const all = [...at, ...row.at];
    const left = seeds.filter(
      (seed) => !this.#config.exclude.some((entry) => isExcluded(entry, all, row.method, seed)),
    );
    if (left.length === 0) return [];
    const config = this.#configOf(row, all);
    if (config === undefined) return [];
    return left.map((seed) => ({ task, row: row.name, method: row.method, seed, config: { ...config, seed } }));
  }

  /** The config of a row on a task, checked, and without its seed. */
  #configOf({ name, method }: Row, at: readonly Coordinate[]): RunConfig | undefined {
    const { budget } = this.#config;
    const shared = Object.fromEntries(Object.entries(this.#config).filter(([field]) => ofRun.has(field)));
    const optimizer = this.#methods[method];
    const start: unknown = { ...shared, ...(budget && { epochs: 1 }), optimizer, name };
    const value = at
      .filter(({ path }) => this.#axes.some((axis) => axis.path === path && this.#takes(method, axis)))
      .reduce(
        (run, { path, value: { value: given } }) => withField(run, inRun(path, method, this.#config), given),
        start,
      );
    const { config, problems } = judgedConfig(value, this.#container);
    const place = at.map((each) => `${each.path} = ${each.value.label}`).join(', ');
    for (const problem of problems) this.#note(problem, method, place);
    return config;
  }

  /** A problem once, however many rows have it. */
  #note(problem: Problem, method: string, place: string): void {
    const inMethods = this.#config.methods !== undefined && /^optimizer(\.|$)/.test(problem.path);
    const path = inMethods ? problem.path.replace('optimizer', `methods.${method}`) : problem.path;
    const key = JSON.stringify([path, problem.value, problem.message]);
    if (this.#said.has(key)) return;
    this.#said.add(key);
    const message = place === '' ? problem.message : `${problem.message} (at ${place})`;
    this.#problems.addAll([{ ...problem, path, message }], '');
  }
}

/** Where a swept path is in the config of a run. */
function inRun(path: string, method: string, config: CompareConfig): readonly string[] {
  const names = namesOf(path, config);
  return names[0] === 'methods' && names[1] === method ? ['optimizer', ...names.slice(2)] : names;
}
