import type { PlannedComparison, ReportText } from '@flatmin/experiments/internal';
import { counted } from '@flatmin/experiments/terminal';
import os from 'node:os';

/** What the report of a comparison says besides what was found. */
export function compareText({ grid, config, file, ...planned }: PlannedComparison, now: number): ReportText {
  const methods = [...new Set(grid.tasks.flatMap(({ rows }) => rows.map(({ method }) => method)))];
  const length =
    config.budget === undefined
      ? config.epochs === undefined
        ? ''
        : `, ${counted(config.epochs, 'epoch')}`
      : `, ${config.budget.gradientEvaluations.toLocaleString('en-US')} gradient evaluations per run`;
  return {
    title: titleOf(
      methods,
      grid.tasks.map(({ name }) => name),
    ),
    introduction: [
      `${config.model.use} on ${config.dataset.use}, ${counted(grid.seeds.length, 'seed')}${length}, batch ${config.batchSize}.`,
    ],
    notes: [],
    facts: { config: file, ...settingsOf(config), ...factsOf(planned, now) },
  };
}

function titleOf(methods: readonly string[], tasks: readonly string[]): string {
  const compared = methods.length > 4 ? `${methods.length} methods` : methods.join(', ');
  return tasks.length > 1 ? `${compared} on ${tasks.length} tasks` : compared;
}

function settingsOf({ dataset, model, methods, optimizer, sweep, learningRate }: PlannedComparison['config']) {
  return {
    dataset: JSON.stringify(dataset),
    model: JSON.stringify(model),
    ...(methods === undefined ? { optimizer: JSON.stringify(optimizer) } : { methods: JSON.stringify(methods) }),
    ...(Object.keys(sweep).length > 0 && { sweep: JSON.stringify(sweep) }),
    'learning rate': JSON.stringify(learningRate ?? 'as in the optimizer'),
  };
}

/** On what it was run. */
export function factsOf(
  { backend, threads, distribution }: Pick<PlannedComparison, 'backend' | 'threads' | 'distribution'>,
  now: number,
): Readonly<Record<string, string>> {
  return {
    backend: `${backend.name} ${backend.versions.backend}, ${counted(threads, 'thread')} per run`,
    flatmin: distribution.version,
    node: process.versions.node,
    machine: `${os.availableParallelism()} cores, ${process.platform} ${process.arch}`,
    written: new Date(now).toISOString(),
  };
}
