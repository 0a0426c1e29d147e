import type { Command } from 'commander';
import type { Distribution } from '@flatmin/experiments';
import { examples } from '../terminal/examples.js';
import { choiceOption, openOption, positiveNumber, seedNumber, trustOption, wholeNumber } from '../terminal/options.js';
import type { AnalyzeCommandOptions } from './analyzeCommand.js';
import type { EvaluateCommandOptions } from './evaluateCommand.js';
import type { ExportCommandOptions } from './exportCommand.js';
import type { PredictCommandOptions } from './predictCommand.js';

// As those of the other commands, every action imports its work when it runs.

const parts = ['train', 'validation', 'test'];

/** What is done with a run after it was trained. */
export function addAfterwards(program: Command, distribution: Distribution): void {
  afterwards(program, 'evaluate')
    .description('evaluate the trained weights of a run, for each seed, on the parts of its data')
    .addOption(choiceOption('--part <name...>', 'only these parts of the data', parts))
    .option('--json', 'print JSON, with all digits')
    .addHelpText(
      'after',
      examples('flatmin evaluate runs/mine', 'flatmin evaluate runs/mine --part test --weights last'),
    )
    .action(async (run: string, _: unknown, command: Command) => {
      const { evaluateCommand } = await import('./evaluateCommand.js');
      await evaluateCommand(run, command.optsWithGlobals<EvaluateCommandOptions>(), distribution);
    });
  afterwards(program, 'predict')
    .argument('[data]', "a file or folder of the same kind as the run's data; labels may be missing")
    .description('predict with the trained weights of a run, and write CSV or JSON lines')
    .addOption(choiceOption('--part <name>', "predict from a part of the run's data", parts))
    .option('--out <file>', 'where the predictions go; default: standard output')
    .addOption(
      choiceOption('--format <name>', 'default: jsonl for a file name that ends in .jsonl, otherwise csv', [
        'csv',
        'jsonl',
      ]),
    )
    .addHelpText(
      'after',
      examples('flatmin predict runs/mine new.csv --out predictions.csv', 'flatmin predict runs/mine --part test'),
    )
    .action(async (run: string, data: string | undefined, _: unknown, command: Command) => {
      const { predictCommand } = await import('./predictCommand.js');
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
      const { exportCommand } = await import('./exportCommand.js');
      await exportCommand(run, command.optsWithGlobals<ExportCommandOptions>(), distribution);
    });
  addAnalyze(program, distribution);
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
    .option('--trajectory', 'the path of one run over its checkpoints')
    .option('--json <file>', 'write every number with its error to a file that does not exist yet')
    .option('--out <folder>', 'where the page goes; default: analysis in the folder of the first run')
    .addOption(openOption)
    .addOption(choiceOption('--part <name>', 'part of the data', parts).default('train'))
    .option('--examples <n>', 'number of examples, drawn without repetition', wholeNumber, 1024)
    .option('--batch <n>', 'examples in a pass, and the m of m-sharpness', wholeNumber, 256)
    .option('--k <n>', 'number of eigenvalues', wholeNumber, 10)
    .option('--products <n>', 'Hessian-vector products for the trace', wholeNumber, 100)
    .option('--density', 'the density of all eigenvalues: 800 Hessian-vector products')
    .addOption(choiceOption('--blocks <by>', 'curvature of each layer or role', ['layer', 'role']))
    .option('--gauss-newton', 'the Gauss-Newton matrix next to the Hessian')
    .option(
      '--rho <radius>',
      'radius of sharpness and of the ball in a landscape; default: the one the runs ended with, otherwise 0.05',
      positiveNumber,
    )
    .option('--adaptive', 'also measure sharpness in the adaptive form of ASAM, and draw the ball in it')
    .option('--normalize-logits', 'use the loss of normalized logits: minus their mean, divided by their length')
    .option('--points <n>', 'points on each side of a plane, and on a line', wholeNumber, 21)
    .option('--metric <name>', 'what a landscape shows next to the loss; default: accuracy, if there is one')
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
      const { analyzeCommand } = await import('./analyzeCommand.js');
      await analyzeCommand(runs, command.optsWithGlobals<AnalyzeCommandOptions>(), distribution);
    });
}

function afterwards(program: Command, name: string, run = '<run>'): Command {
  return program
    .command(name)
    .argument(run, 'the folder that flatmin train wrote')
    .addOption(
      choiceOption('--weights <which>', 'default: the best if early stopping kept them, otherwise the last', [
        'best',
        'last',
      ]),
    )
    .option('--seed <n>', 'the run with this seed', seedNumber)
    .addOption(trustOption);
}
