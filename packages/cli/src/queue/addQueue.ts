import type { Command } from 'commander';
import type { Distribution } from '@flatmin/experiments';
import { examples } from '../terminal/examples.js';
import { storageOption, wholeNumber } from '../terminal/options.js';
import type { QueueCommandOptions } from './queueCommands.js';
import type { WorkerCommandOptions } from './workerCommand.js';

// As those of the other commands, every action imports its work when it runs.

const whatIsUrl = 'redis://host:port, or rediss:// for TLS; default: FLATMIN_REDIS_URL';

/** `flatmin worker` and `flatmin queue ...`. */
export function addQueue(program: Command, distribution: Distribution): void {
  addWorker(program, distribution);
  const queue = program
    .command('queue')
    .description('show what is in a queue, or remove runs from it')
    .addHelpText('after', examples('flatmin queue status redis://host', 'flatmin queue cancel redis://host'));
  queue
    .command('status')
    .argument('[url]', whatIsUrl)
    .description('show what waits, what runs (where, and since when), what is done, and what failed and why')
    .option('--json', 'print JSON')
    .action(async (url: string | undefined, options: QueueCommandOptions) => {
      const { queueStatus } = await import('./queueCommands.js');
      await queueStatus(url, options);
    });
  queue
    .command('cancel')
    .argument('[url]', whatIsUrl)
    .description('remove all runs from the queue; running ones are stopped, and their training is lost')
    .addOption(storageOption())
    .action(async (url: string | undefined, options: QueueCommandOptions) => {
      const { queueCancel } = await import('./queueCommands.js');
      await queueCancel(url, options);
    });
  queue
    .command('drain')
    .argument('[url]', whatIsUrl)
    .description('remove the runs that have not begun from the queue; running ones continue to their end')
    .addOption(storageOption())
    .action(async (url: string | undefined, options: QueueCommandOptions) => {
      const { queueDrain } = await import('./queueCommands.js');
      await queueDrain(url, options);
    });
}

function addWorker(program: Command, distribution: Distribution): void {
  program
    .command('worker')
    .argument('[url]', whatIsUrl)
    .description('train the runs that flatmin compare --queue puts into a queue, until Ctrl-C or SIGTERM')
    .option('--jobs <n>', 'runs at a time, one process each; default: one per core', wholeNumber)
    .option('--threads <n>', 'threads of each process; must match flatmin compare; default 1', wholeNumber)
    .addOption(storageOption())
    .option(
      '--lost-after <seconds>',
      'if this worker is silent for so long, another one takes over its runs; default 60',
      wholeNumber,
    )
    .addHelpText(
      'after',
      examples(
        'flatmin worker redis://host',
        'flatmin worker rediss://host:6380 --jobs 4 --plugin flatmin-linf-sam',
        'FLATMIN_REDIS_PASSWORD=... flatmin worker redis://host --storage /mnt/shared',
      ),
    )
    .action(async (url: string | undefined, _: unknown, command: Command) => {
      const { workerCommand } = await import('./workerCommand.js');
      await workerCommand(url, command.optsWithGlobals<WorkerCommandOptions>(), distribution);
    });
}
