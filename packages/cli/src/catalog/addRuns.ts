import type { Command } from 'commander';
import { examples } from '../terminal/examples.js';
import { choiceOption, openOption } from '../terminal/options.js';
import type { ReportRunsOptions } from './compareRuns.js';
import type { ListOptions } from './listCommand.js';
import type { QueryOptions } from './queryCommand.js';

// As those of the other commands, every action imports its work when it runs.

/** `flatmin runs ...`. */
export function addRuns(program: Command): void {
  const runs = program
    .command('runs')
    .description('list, show and compare the runs in folders, query them with SQL, remove one')
    .addHelpText('after', examples('flatmin runs list', 'flatmin runs diff runs/a runs/b', 'flatmin runs rm runs/a'));
  addList(runs);
  addCompare(runs);
  addQuery(runs);
  runs
    .command('show')
    .argument('<run>', whatIsRun)
    .description('show the seeds of a run, how far each one is, and its config')
    .option('--json', 'print JSON')
    .action(async (run: string, options: { json?: true }) => {
      const { showCommand } = await import('./showCommand.js');
      await showCommand(run, options);
    });
  runs
    .command('diff')
    .argument('<a>', whatIsRun)
    .argument('<b>', 'another one')
    .description('show where the configs of two runs differ, and their results side by side')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('flatmin runs diff runs/sam runs/lets'))
    .action(async (a: string, b: string, options: { json?: true }) => {
      const { diffCommand } = await import('./diffCommand.js');
      await diffCommand(a, b, options);
    });
  runs
    .command('rm')
    .argument('<folder>', `${whatIsRun}; or of a comparison`)
    .description('remove what flatmin wrote into the folder of a run or a comparison; other files in it stay')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('flatmin runs rm runs/mine', 'flatmin runs rm runs/mine --yes'))
    .action(async (run: string, options: { yes?: true }) => {
      const { rmCommand } = await import('./rmCommand.js');
      await rmCommand(run, options);
    });
}

const whatIsRun = 'the folder of a run: with a config.json and a metrics.jsonl';

function addList(runs: Command): void {
  runs
    .command('list')
    .argument('[folders...]', 'where to look, at any depth; default: runs')
    .description('list runs, one line per seed: how far they are and how well they did')
    .option(
      '--where <condition>',
      'only matching runs, such as status=done or "test_accuracy>=0.9"; repeatable',
      repeated,
    )
    .option('--sort <column>', 'sort by a column; with - before it, largest first: -test_accuracy')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'flatmin runs list',
        'flatmin runs list runs /data/cluster --where status=done --sort=-test_accuracy',
        'flatmin runs list --where dataset=digits --json',
      ),
    )
    .action(async (folders: string[], options: ListOptions) => {
      const { listCommand } = await import('./listCommand.js');
      await listCommand(folders, options);
    });
}

/** `compare`, `report` and `export`: the same, as a table, a page, and a file. */
function addCompare(runs: Command): void {
  const reading = (name: string): Command =>
    runs
      .command(name)
      .argument('<folders...>', 'run folders, comparisons, or folders of them; shards of one comparison are merged')
      .option(
        '--reference <method>',
        'the method that the others are compared to; default: as in the comparison, or the first method',
      );
  reading('compare')
    .description('combine runs of several folders by method and seed, and compare them')
    .addHelpText(
      'after',
      examples(
        'flatmin runs compare runs/sgd runs/sam runs/lets',
        'flatmin runs compare shards/1 shards/2 shards/3',
        "flatmin runs compare runs/sam runs/lets --reference 'sam(momentum)'",
      ),
    )
    .action(async (folders: string[], options: { reference?: string }) => {
      const { compareRuns } = await import('./compareRuns.js');
      await compareRuns(folders, options);
    });
  reading('report')
    .description('write the comparison as a page, report.html')
    .requiredOption('--out <folder>', 'folder for the page')
    .addOption(openOption)
    .addOption(
      choiceOption('--charts <format...>', 'also write its charts as files into charts/; spec is Vega-Lite', [
        'svg',
        'png',
        'spec',
      ]),
    )
    .addHelpText(
      'after',
      examples(
        'flatmin runs report runs/sgd runs/sam --out comparison',
        'flatmin runs report runs/radius --out figures --charts svg spec',
      ),
    )
    .action(async (folders: string[], options: ReportRunsOptions) => {
      const { reportRuns } = await import('./compareRuns.js');
      await reportRuns(folders, options);
    });
  reading('export')
    .description('print the rows of the comparison for programs (all digits) or papers')
    .addOption(
      choiceOption('--format <name>', 'output format', ['csv', 'json', 'markdown', 'latex']).makeOptionMandatory(),
    )
    .addHelpText('after', examples('flatmin runs export runs/sgd runs/sam --format latex > table.tex'))
    .action(
      async (folders: string[], options: { reference?: string; format: 'csv' | 'json' | 'markdown' | 'latex' }) => {
        const { exportRuns } = await import('./compareRuns.js');
        await exportRuns(folders, options);
      },
    );
}

const tables = `
Tables, all with folder, method and seed:
  runs         a run a row: dataset, model, status, reason, epochs, steps, gradient_evaluations, seconds,
               train_loss, train_accuracy, validation_..., test_... (every metric of its last evaluation),
               best_value, best_epoch, best_step, rho, batch_size, learning_rate, created
  epochs       an epoch a row: epoch, step, loss, rho, learning_rate, gradient_evaluations,
               train_loss, train_accuracy, ..., and train, validation, test as JSON
  steps        a logged step a row: epoch, step, loss, rho, learning_rate, gradient_evaluations, seconds, last_step (JSON)
  evaluations  an evaluation within an epoch a row: epoch, step, part, loss, accuracy, scores (JSON)
  configs      folder and config (JSON): config->>'$.optimizer.rho'
It is DuckDB's SQL: https://duckdb.org/docs/stable/sql/introduction. Install it once: npm install @duckdb/node-api
`;

function addQuery(runs: Command): void {
  runs
    .command('query')
    .argument('<sql>', 'one SELECT')
    .argument('[folders...]', 'where the runs are, at any depth; default: runs')
    .description('query the runs with SQL; there is no index, and nothing is written')
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV')
    .addHelpText(
      'after',
      examples(
        'flatmin runs query "select method, avg(test_accuracy), count(*) from runs group by method"',
        'flatmin runs query "select epoch, min(train_loss) from epochs group by epoch order by epoch" runs/mine --csv',
      ),
    )
    .addHelpText('after', tables)
    .action(async (sql: string, folders: string[], options: QueryOptions) => {
      const { queryCommand } = await import('./queryCommand.js');
      await queryCommand(sql, folders, options);
    });
}

const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
