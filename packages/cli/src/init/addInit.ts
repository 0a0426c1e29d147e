import type { Command } from 'commander';
import type { Distribution } from '@flatmin/experiments';
import { examples } from '../terminal/examples.js';
import { trustOption } from '../terminal/options.js';
import type { InitOptions } from './initCommand.js';

// As those of the other commands, every action imports its work when it runs.

/** `flatmin init`. */
export function addInit(program: Command, distribution: Distribution): void {
  program
    .command('init')
    .description('write a config: asks for data, model and method, looks at the data, and says the next command')
    .option('--data <data>', 'a file, a folder, the id of a data set, or a spec as JSON')
    .option('--label <column>', 'of a table: the column to predict')
    .option('--model <model>', 'the id of a model, or a spec as JSON')
    .option('--method <method>', 'the id of a variant, a meta or a base, or a spec as JSON')
    .option('--out <file>', 'the config to write', 'config.jsonc')
    .option('-y, --yes', 'ask nothing: choose what is not given by the data')
    .option('--force', 'overwrite the file if it exists')
    .addOption(trustOption)
    .addHelpText(
      'after',
      examples(
        'flatmin init',
        'flatmin init --data my.csv --label price --yes',
        'flatmin init --data digits --model mlp --method lets --out config.jsonc --yes',
      ),
    )
    .action(async (_: unknown, command: Command) => {
      const { initCommand } = await import('./initCommand.js');
      await initCommand(command.optsWithGlobals<InitOptions>(), distribution);
    });
}
