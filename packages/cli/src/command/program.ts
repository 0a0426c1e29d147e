import { Command, CommanderError } from 'commander';
import type { Distribution } from '@flatmin/experiments';
import { failure, heading, terminalText, warnStyled } from '@flatmin/experiments/terminal';
import { addAfterwards } from '../afterwards/addAfterwards.js';
import { addRuns } from '../catalog/addRuns.js';
import { addCompare } from '../compare/addCompare.js';
import { addCompletion, serverCommand } from '../completion/addCompletion.js';
import { addData } from '../data/addData.js';
import { addInit } from '../init/addInit.js';
import { addQueue } from '../queue/addQueue.js';
import { addQuickstart } from '../quickstart/addQuickstart.js';
import { examples } from '../terminal/examples.js';
import { exitCodes, exitCodesText } from '../terminal/exitCodes.js';
import { explain } from '../terminal/explain.js';
import { UsageError } from '../terminal/usageError.js';
import { openOption, pluginOption, setOption, trustOption } from '../terminal/options.js';
import type { PluginsCommandOptions } from '../plugins/pluginsCommand.js';
import type { SchemaCommandOptions } from './schemaCommand.js';
import type { TrainCommandOptions } from './trainCommand.js';

// Every action imports its work when it runs: TensorFlow.js and Vega take a second to load, `--help` must not.

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
      'init',
      'list',
      'check',
      'preview',
    ].includes(command.name());
  if (isOfUse || command.optsWithGlobals<{ plugin?: unknown }>().plugin === undefined) return;
  command.error(
    `error: ${command.name()} does not read specs, so it does not take --plugin. Use it with init, train, compare, worker, evaluate, predict, export, analyze, plugins, schema or data.`,
  );
}

export function createProgram(distribution: Distribution): Command {
  const program = new Command('flatmin')
    .description('Sharpness-aware training for TensorFlow.js: SAM, ASAM, and LETS, which learns their radius.')
    .version(distribution.version, '-v, --version', 'print the version of flatmin')
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, styleTitle: heading })
    .addOption(pluginOption)
    .hook('preAction', (_, command) => refusePlugins(command))
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(terminalText(text).replace(/^error:/, failure)) })
    .addHelpText(
      'after',
      examples('flatmin quickstart', 'flatmin init', 'flatmin train config.jsonc', 'flatmin train --help'),
    )
    .addHelpText('after', exitCodesText);
  addQuickstart(program, distribution);
  addInit(program, distribution);
  addTrain(program, distribution);
  addCompare(program, distribution);
  addQueue(program, distribution);
  addAfterwards(program, distribution);
  addRuns(program);
  addData(program, distribution);
  addPlugins(program, distribution);
  addSchema(program, distribution);
  addDoctor(program);
  addCompletion(program);
  return program;
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
    .addOption(openOption)
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
Third-party plugins: "plugins": ["flatmin-linf-sam", "./mine.js"], by package or by path from the file's folder.
'flatmin plugins' lists what "use" can name, 'flatmin plugins sam' the options of one.
`;

function addPlugins(program: Command, distribution: Distribution): void {
  program
    .command('plugins')
    .argument('[id]', 'only this one, with its options')
    .description('list the optimizers, data sets and models that a spec can name')
    .option('--json', 'print JSON, with the options of all')
    .addHelpText(
      'after',
      examples('flatmin plugins', 'flatmin plugins lets', 'flatmin plugins linf-sam --plugin flatmin-linf-sam'),
    )
    .action(async (id: string | undefined, _: unknown, command: Command) => {
      const { pluginsCommand } = await import('../plugins/pluginsCommand.js');
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
 * Runs the command line and returns the exit code: 0; 1 with the reason on standard error; 2 where the command line is
 * not valid; or 128 and the number of the signal that interrupted it (130 after Ctrl-C).
 */
export async function runCommandLine(argv: readonly string[], distribution: Distribution): Promise<number> {
  const program = createProgram(distribution);
  if (argv.length <= 2) {
    program.outputHelp();
    return exitCodes.done;
  }
  process.stdout.off('error', letGo).on('error', letGo); // Once, however often this is called.
  try {
    if (argv[2] === serverCommand) {
      const { answer } = await import('../completion/answer.js');
      await answer(program, distribution);
    } else await program.parseAsync(argv);
    // A command that was interrupted has set it.
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    // Commander has said it.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof UsageError) {
      fail(`flatmin: ${await error.withSuggestion()}`);
      return exitCodes.usage;
    }
    fail(explain(error));
    return exitCodes.failed;
  }
}

/** Says on standard error why a command ended. */
function fail(text: string): void {
  const [name = '', ...rest] = text.split(':');
  warnStyled([failure(name), terminalText(rest.join(':'))].join(':'));
}
