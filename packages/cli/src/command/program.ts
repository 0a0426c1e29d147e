import { Command, InvalidArgumentError, Option } from 'commander';
import type { AnalyzeCommandOptions } from '../afterwards/analyzeCommand.js';
import type { EvaluateCommandOptions } from '../afterwards/evaluateCommand.js';
import type { ExportCommandOptions } from '../afterwards/exportCommand.js';
import type { PredictCommandOptions } from '../afterwards/predictCommand.js';
import type { DataListOptions, PreviewOptions } from '../data/dataCommands.js';
import type { Distribution } from '@flatmin/experiments';
import { addRuns } from '../catalog/addRuns.js';
import { addQueue, storageOption } from '../queue/addQueue.js';
import { examples } from '../terminal/examples.js';
import { explain } from '../terminal/explain.js';
import { warn } from '@flatmin/experiments/terminal';
import type { Shard } from '@flatmin/experiments/internal';
import type { CompareCommandOptions } from '../compare/compareCommand.js';
import type { PluginsCommandOptions } from './pluginsCommand.js';
import type { SchemaCommandOptions } from './schemaCommand.js';
import type { TrainCommandOptions } from './trainCommand.js';

// Every action imports its work when it runs: TensorFlow.js and Vega take a second to load, `--help` must not.

function wholeNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('Use a whole number, 1 or more.');
  return Number(value);
}

function positiveNumber(value: string): number {
  if (!(Number(value) > 0 && Number.isFinite(Number(value)))) throw new InvalidArgumentError('Use a number above 0.');
  return Number(value);
}

function seedNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Use a whole number, 0 or more.');
  return Number(value);
}

function shardNumber(value: string): Shard {
  const [, index, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(value) ?? [];
  if (index === undefined || Number(index) > Number(count)) {
    throw new InvalidArgumentError('Use i/n, such as 1/4 for the first of four shards.');
  }
  return { index: Number(index), count: Number(count) };
}

/** Before or after the name of the command. */
const pluginOption = new Option(
  '--plugin <name>',
  'load the plugins of an installed package, or of a file (./mine.js); repeatable',
).argParser((name: string, names: readonly string[] = []) => [...names, name]);

/** Of commands that take a config. */
const setOption = new Option(
  '--set <path=value>',
  'a value that replaces the one in the file: optimizer.rho=0.1; repeatable',
).argParser((setting: string, settings: readonly string[] = []) => [...settings, setting]);

/** Of commands that take the folder of a run. */
const trustOption = new Option(
  '--trust',
  'load the plugins that the run folder names; they can do anything that you can',
);

/** Refuses plugins where they would be of no use, rather than leave them out in silence. */
function refusePlugins(command: Command): void {
  // `flatmin runs` reads folders, whatever plugins their runs had.
  const isOfRuns = command.parent?.name() === 'runs';
  const isOfUse =
    !isOfRuns &&
    [
      'train',
      'compare',
      'worker',
      'evaluate',
      'predict',
      'export',
      'analyze',
      'plugins',
      'schema',
      'list',
      'check',
      'preview',
    ].includes(command.name());
  if (isOfUse || command.optsWithGlobals<{ plugin?: unknown }>().plugin === undefined) return;
  command.error(
    `error: ${command.name()} does not read specs, so it does not take --plugin. Use it with train, compare, worker, evaluate, predict, export, analyze, plugins, schema or data.`,
  );
}

export function createProgram(distribution: Distribution): Command {
  const program = new Command('flatmin')
    .description('Sharpness-aware training for TensorFlow.js: SAM, ASAM, and LETS, which learns their radius.')
    .version(distribution.version, '-v, --version', 'print the version of flatmin')
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .addOption(pluginOption)
    .hook('preAction', (_, command) => refusePlugins(command))
    .addHelpText('after', examples('flatmin quickstart', 'flatmin train config.json', 'flatmin train --help'));
  addQuickstart(program, distribution);
  addTrain(program, distribution);
  addCompare(program, distribution);
  addQueue(program, distribution);
  addAfterwards(program, distribution);
  addAnalyze(program, distribution);
  addRuns(program);
  addData(program, distribution);
  addPlugins(program, distribution);
  addSchema(program, distribution);
  addDoctor(program);
  return program;
}

function addQuickstart(program: Command, distribution: Distribution): void {
  program
    .command('quickstart')
    .description('compare SGD, SAM at three fixed radii, and LETS on MNIST-1D; under two minutes on two cores')
    .option('--epochs <n>', 'epochs of each run', wholeNumber)
    .option('--seeds <n>', 'seeds of each method', wholeNumber)
    .option('--workers <n>', 'processes at a time; default: one per core, at most 4', wholeNumber)
    .addOption(
      new Option('--backend <name>', 'default: the best that loads').choices(['auto', 'tensorflow', 'wasm', 'cpu']),
    )
    .option('--out <directory>', 'where the results go; default: runs/<time>')
    .addHelpText(
      'after',
      examples('flatmin quickstart', 'flatmin quickstart --epochs 5 --seeds 2 --out /tmp/first-look'),
    )
    .action(async (options: Record<string, never>) => {
      const { quickstart } = await import('../quickstart/quickstart.js');
      await quickstart(options, distribution);
    });
}

function addTrain(program: Command, distribution: Distribution): void {
  program
    .command('train')
    .argument('[config]', 'JSON file: dataset, model, optimizer, epochs, batchSize, ...')
    .description('train what a JSON file describes, once for each seed, and write metrics, report and checkpoints')
    .option('--out <directory>', 'where the results go; default: runs/<time>')
    .option('--resume <directory>', 'continue the run whose results are there, after Ctrl-C or a crash, bit for bit')
    .option('--extend', 'with --resume: train more epochs and seeds, from --set epochs=40 or an edited config.json')
    .addOption(trustOption)
    .addOption(setOption)
    .option('--check', 'check the file and stop')
    .option('--tensorboard', 'write files for TensorBoard into tensorboard/ of the results')
    .option('--eager', 'run every step eagerly, not as a graph (native backend)')
    .addHelpText(
      'after',
      examples(
        'flatmin train config.json --out runs/mine',
        'flatmin train --resume runs/mine',
        "flatmin train --resume runs/mine --extend --set epochs=40 --set 'seeds=[0,1,2,3]'",
        'flatmin train config.json --check',
        'flatmin train config.json --plugin flatmin-linf-sam',
      ),
    )
    .addHelpText('after', configHelp)
    .action(async (file: string | undefined, _: unknown, command: Command) => {
      const { trainCommand } = await import('./trainCommand.js');
      await trainCommand(file, command.optsWithGlobals<TrainCommandOptions>(), distribution);
    });
}

function addCompare(program: Command, distribution: Distribution): void {
  program
    .command('compare')
    .argument('<config>', 'JSON file: a config of train, with methods, sweep, budget, select')
    .description('run several methods, swept values and seeds, and compare them; a second call runs what is missing')
    .option('--out <directory>', 'where the results go; default: runs/<time>')
    .addOption(setOption)
    .option('--jobs <n>', 'processes at a time; default: one per core', wholeNumber)
    .option('--threads <n>', 'threads of each process; default 1. The last digits of results depend on it', wholeNumber)
    .addOption(new Option('--shard <i/n>', 'run only this shard of the runs: 1/4, 2/4, ...').argParser(shardNumber))
    .option('--retry-failed', 'run failed runs again')
    .option('--queue [url]', 'let the workers of a queue run it: redis://host:port; default: FLATMIN_REDIS_URL')
    .addOption(storageOption())
    .option('--check', 'check the file with its data and models, and stop')
    .option('--dry-run', 'list the runs and which of them exist, and stop')
    .addHelpText(
      'after',
      examples(
        'flatmin compare config.json --out runs/radius',
        'flatmin compare config.json --out runs/radius --set seeds=[0,1,2,3,4,5]',
        'flatmin compare config.json --out runs/share-1 --shard 1/4',
        'flatmin compare config.json --out runs/radius --queue redis://host',
      ),
    )
    .action(async (file: string, _: unknown, command: Command) => {
      const { compareCommand } = await import('../compare/compareCommand.js');
      await compareCommand(file, command.optsWithGlobals<CompareCommandOptions>(), distribution);
    });
}

/** What is done with a run after it was trained. */
function addAfterwards(program: Command, distribution: Distribution): void {
  const parts = ['train', 'validation', 'test'];
  afterwards(program, 'evaluate')
    .description('evaluate the trained weights of a run, for each seed, on the parts of its data')
    .addOption(new Option('--part <name...>', 'only these parts of the data').choices(parts))
    .option('--json', 'print JSON, with all digits')
    .addHelpText(
      'after',
      examples('flatmin evaluate runs/mine', 'flatmin evaluate runs/mine --part test --weights last'),
    )
    .action(async (run: string, _: unknown, command: Command) => {
      const { evaluateCommand } = await import('../afterwards/evaluateCommand.js');
      await evaluateCommand(run, command.optsWithGlobals<EvaluateCommandOptions>(), distribution);
    });
  afterwards(program, 'predict')
    .argument('[data]', "a file or folder of the same kind as the run's data; labels may be missing")
    .description('predict with the trained weights of a run, and write CSV or JSON lines')
    .addOption(new Option('--part <name>', "predict from a part of the run's data").choices(parts))
    .option('--out <file>', 'where the predictions go; default: standard output')
    .addOption(
      new Option('--format <name>', 'default: jsonl for a file name that ends in .jsonl, otherwise csv').choices([
        'csv',
        'jsonl',
      ]),
    )
    .addHelpText(
      'after',
      examples('flatmin predict runs/mine new.csv --out predictions.csv', 'flatmin predict runs/mine --part test'),
    )
    .action(async (run: string, data: string | undefined, _: unknown, command: Command) => {
      const { predictCommand } = await import('../afterwards/predictCommand.js');
      await predictCommand(run, data, command.optsWithGlobals<PredictCommandOptions>(), distribution);
    });
  afterwards(program, 'export')
    .description('write the trained model of a run for programs: a tf.LayersModel, or its weights and a loader')
    .requiredOption('--to <folder>', 'a folder that is empty or does not exist yet')
    .addHelpText(
      'after',
      examples('flatmin export runs/mine --to model', 'flatmin export runs/mine --seed 2 --to model'),
    )
    .action(async (run: string, _: unknown, command: Command) => {
      const { exportCommand } = await import('../afterwards/exportCommand.js');
      await exportCommand(run, command.optsWithGlobals<ExportCommandOptions>(), distribution);
    });
}

/** How flat its minimum is. */
function addAnalyze(program: Command, distribution: Distribution): void {
  afterwards(program, 'analyze', '<runs...>')
    .description(
      'measure how flat the minima of runs are, side by side; without any of the first four: --hessian --sharpness',
    )
    .option('--hessian', 'largest eigenvalues and trace of the Hessian')
    .option('--sharpness', 'how much the loss rises within a radius')
    .option('--landscape', 'the loss on a plane around one run, on the line through two, on the plane through three')
    .option('--trajectory', 'the path of one run over the checkpoints that it kept')
    .option('--json <file>', 'every number with its error; a file that is not there yet')
    .option('--out <folder>', 'where the page goes; default: analysis in the folder of the first run')
    .addOption(
      new Option('--part <name>', 'part of the data').choices(['train', 'validation', 'test']).default('train'),
    )
    .option('--examples <n>', 'examples, drawn without repetition', wholeNumber, 1024)
    .option('--batch <n>', 'examples of a pass, and the m of m-sharpness', wholeNumber, 256)
    .option('--k <n>', 'eigenvalues', wholeNumber, 10)
    .option('--products <n>', 'products of the Hessian with a vector for the trace', wholeNumber, 100)
    .option('--density', 'the density of all eigenvalues: 800 products')
    .addOption(new Option('--blocks <by>', 'curvature of each layer, or role').choices(['layer', 'role']))
    .option('--gauss-newton', 'the Gauss-Newton matrix beside the Hessian')
    .option(
      '--rho <radius>',
      'radius of sharpness and of the ball that is drawn; default: that which the runs ended with, else 0.05',
      positiveNumber,
    )
    .option('--adaptive', 'all of sharpness in the measure of ASAM, too, and the ball in that')
    .option('--normalize-logits', 'the loss of logits less their mean, by their length')
    .option('--points <n>', 'points on a side of a plane, and on a line', wholeNumber, 21)
    .option('--metric <name>', 'what a landscape shows beside the loss; default: accuracy, where there is one')
    .addHelpText(
      'after',
      examples(
        'flatmin analyze runs/mine',
        'flatmin analyze runs/sgd runs/sam runs/lets --out analysis --json analysis.json',
        'flatmin analyze runs/mine --landscape --examples 512 --points 31',
        'flatmin analyze runs/sgd runs/sam --landscape',
        'flatmin analyze runs/mine --trajectory',
      ),
    )
    .action(async (runs: string[], _: unknown, command: Command) => {
      const { analyzeCommand } = await import('../afterwards/analyzeCommand.js');
      await analyzeCommand(runs, command.optsWithGlobals<AnalyzeCommandOptions>(), distribution);
    });
}

function afterwards(program: Command, name: string, run = '<run>'): Command {
  return program
    .command(name)
    .argument(run, 'the folder that flatmin train wrote')
    .addOption(
      new Option('--weights <which>', 'default: the best if early stopping kept them, otherwise the last').choices([
        'best',
        'last',
      ]),
    )
    .option('--seed <n>', 'the run with this seed', seedNumber)
    .addOption(trustOption);
}

const configHelp = `
A config file:
  {
    "dataset": { "use": "mnist1d" },
    "model": { "use": "mlp", "hidden": [100, 100] },
    "optimizer": {
      "use": "lets", "preset": "robust",
      "inner": { "use": "sam", "rho": 0.1, "base": { "use": "momentum", "learningRate": 0.1, "momentum": 0.9 } }
    },
    "epochs": 20, "batchSize": 64, "seeds": [0, 1, 2],
    "learningRate": { "schedule": "cosine", "warmupEpochs": 1 }
  }
Plugins of others: "plugins": ["flatmin-linf-sam", "./mine.js"], by package or by path from the file's folder.
'flatmin plugins' lists what "use" can name, and every option.
`;

function addData(program: Command, distribution: Distribution): void {
  const data = program
    .command('data')
    .description('list data sets, check one, look at its examples')
    .addHelpText('after', examples('flatmin data list', 'flatmin data check digits', 'flatmin data preview my-images'));
  data
    .command('list')
    .description('list the data sets that a spec can name')
    .option('--json', 'print JSON')
    .action(async (_: unknown, command: Command) => {
      const { dataList } = await import('../data/dataCommands.js');
      await dataList(command.optsWithGlobals<DataListOptions>(), distribution);
    });
  data
    .command('check')
    .argument('<data>', whatIsData)
    .description('read every example; print counts, shapes, ranges and class balance, or what is wrong')
    .addOption(trustOption)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('flatmin data check my-images', `flatmin data check '{"use":"digits"}' --json`))
    .action(async (what: string, _: unknown, command: Command) => {
      const { dataCheck } = await import('../data/dataCommands.js');
      await dataCheck(what, command.optsWithGlobals<DataListOptions>(), distribution);
    });
  data
    .command('preview')
    .argument('<data>', whatIsData)
    .description('show some examples: images as a contact sheet in a PNG file, one row per class; others as text')
    .addOption(
      new Option('--part <name>', 'part of the data set').choices(['train', 'validation', 'test']).default('train'),
    )
    .addOption(trustOption)
    .option('--count <n>', 'examples in all', wholeNumber, 100)
    .option('--out <file>', 'the PNG file', 'preview.png')
    .addHelpText('after', examples('flatmin data preview digits --part test --out digits.png'))
    .action(async (what: string, _: unknown, command: Command) => {
      const { dataPreview } = await import('../data/dataCommands.js');
      await dataPreview(what, command.optsWithGlobals<PreviewOptions>(), distribution);
    });
}

const whatIsData = 'a folder, the id of a data set, or a spec: JSON text or a JSON file (a config works too)';

function addPlugins(program: Command, distribution: Distribution): void {
  program
    .command('plugins')
    .argument('[id]', 'only this one')
    .description('list the optimizers, data sets and models that a spec can name, with their options')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('flatmin plugins', 'flatmin plugins lets', 'flatmin plugins linf-sam --plugin flatmin-linf-sam'),
    )
    .action(async (id: string | undefined, _: unknown, command: Command) => {
      const { pluginsCommand } = await import('./pluginsCommand.js');
      await pluginsCommand(id, command.optsWithGlobals<PluginsCommandOptions>(), distribution);
    });
}

function addSchema(program: Command, distribution: Distribution): void {
  program
    .command('schema')
    .description('print the JSON Schema of config files, with which an editor completes and checks them')
    .option('--compare', 'for configs of flatmin compare; default: for flatmin train')
    .addHelpText(
      'after',
      examples(
        'flatmin schema > flatmin.schema.json',
        'flatmin schema --compare > compare.schema.json',
        'flatmin schema --plugin flatmin-linf-sam > flatmin.schema.json',
      ),
    )
    .action(async (_: unknown, command: Command) => {
      const { schemaCommand } = await import('./schemaCommand.js');
      await schemaCommand(command.optsWithGlobals<SchemaCommandOptions>(), distribution);
    });
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('show which backend runs here, with versions, and what would make it faster')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('flatmin doctor', 'flatmin doctor --json'))
    .action(async (options: { json?: true }) => {
      const { doctorCommand } = await import('./doctorCommand.js');
      await doctorCommand(options);
    });
}

/**
 * Whoever reads standard output has enough, as `head` has: what is still written goes nowhere, and the command ends as
 * it would.
 */
function letGo(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/**
 * Runs the command line and returns the exit code: 0; 1 with the reason on standard error; or 128 and the number of the
 * signal that interrupted it (130 after Ctrl-C).
 */
export async function runCommandLine(argv: readonly string[], distribution: Distribution): Promise<number> {
  const program = createProgram(distribution);
  if (argv.length <= 2) {
    program.outputHelp();
    return 0;
  }
  process.stdout.off('error', letGo).on('error', letGo); // Once, however often this is called.
  try {
    await program.parseAsync(argv);
    // A command that was interrupted has set it.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    warn(explain(error));
    return 1;
  }
}
