import type { Command } from 'commander';
import type { Distribution } from '@flatmin/experiments';
import { examples } from '../terminal/examples.js';
import { choiceOption, openOption, setOption, wholeNumber } from '../terminal/options.js';

// As those of the other commands, every action imports its work when it runs.

/** `flatmin quickstart`. */
export function addQuickstart(program: Command, distribution: Distribution): void {
  program
    .command('quickstart')
    .description('compare SGD, SAM at three fixed radii, and LETS on MNIST-1D; under two minutes on two cores')
    .option('--epochs <n>', 'epochs of each run', wholeNumber)
    .option('--seeds <n>', 'seeds of each method', wholeNumber)
    .option('--workers <n>', 'processes at a time; default: one per core, at most 4', wholeNumber)
    .addOption(choiceOption('--backend <name>', 'default: the best that loads', ['auto', 'tensorflow', 'wasm', 'cpu']))
    .option('--out <directory>', 'where the results go; default: runs/<time>')
    .addOption(setOption)
    .addOption(openOption)
    .addHelpText(
      'after',
      examples(
        'flatmin quickstart',
        'flatmin quickstart --epochs 5 --seeds 2 --out /tmp/first-look',
        'flatmin quickstart --set dataset.labelNoise.rate=0.2',
      ),
    )
    .action(async (options: Record<string, never>) => {
      const { quickstart } = await import('../quickstart/quickstart.js');
      await quickstart(options, distribution);
    });
}
