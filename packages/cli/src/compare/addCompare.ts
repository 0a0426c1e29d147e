import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Distribution } from '@flatmin/experiments';
import type { Shard } from '@flatmin/experiments/internal';
import { examples } from '../terminal/examples.js';
import { openOption, setOption, storageOption, wholeNumber } from '../terminal/options.js';
import type { CompareCommandOptions } from './compareCommand.js';

// As those of the other commands, every action imports its work when it runs.

/** `flatmin compare`. */
export function addCompare(program: Command, distribution: Distribution): void {
  program
    .command('compare')
    .argument('<config>', 'JSON file: a config of train, with methods, sweep, budget, select')
    .description('run several methods, swept values and seeds, and compare them; a second call runs what is missing')
    .option('--out <directory>', 'where the results go; default: runs/<time>')
    .addOption(setOption)
    .addOption(openOption)
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
      const { compareCommand } = await import('./compareCommand.js');
      await compareCommand(file, command.optsWithGlobals<CompareCommandOptions>(), distribution);
    });
}

function shardNumber(value: string): Shard {
  const [, index, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(value) ?? [];
  if (index === undefined || Number(index) > Number(count)) {
    throw new InvalidArgumentError('Use i/n, such as 1/4 for the first of four shards.');
  }
  return { index: Number(index), count: Number(count) };
}
