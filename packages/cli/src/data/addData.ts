import type { Command } from 'commander';
import type { Distribution } from '@flatmin/experiments';
import { examples } from '../terminal/examples.js';
import { choiceOption, trustOption, wholeNumber } from '../terminal/options.js';
import type { DataListOptions, PreviewOptions } from './dataCommands.js';

// As those of the other commands, every action imports its work when it runs.

/** `flatmin data ...`. */
export function addData(program: Command, distribution: Distribution): void {
  const data = program
    .command('data')
    .description('list data sets, check one, look at its examples')
    .addHelpText('after', examples('flatmin data list', 'flatmin data check digits', 'flatmin data preview my-images'));
  data
    .command('list')
    .description('list the data sets that a spec can name')
    .option('--json', 'print JSON')
    .action(async (_: unknown, command: Command) => {
      const { dataList } = await import('./dataCommands.js');
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
      const { dataCheck } = await import('./dataCommands.js');
      await dataCheck(what, command.optsWithGlobals<DataListOptions>(), distribution);
    });
  data
    .command('preview')
    .argument('<data>', whatIsData)
    .description('show some examples: images as a contact sheet in a PNG file, one row per class; others as text')
    .addOption(choiceOption('--part <name>', 'part of the data set', ['train', 'validation', 'test']).default('train'))
    .addOption(trustOption)
    .option('--count <n>', 'examples in all', wholeNumber, 100)
    .option('--out <file>', 'the PNG file', 'preview.png')
    .addHelpText('after', examples('flatmin data preview digits --part test --out digits.png'))
    .action(async (what: string, _: unknown, command: Command) => {
      const { dataPreview } = await import('./dataCommands.js');
      await dataPreview(what, command.optsWithGlobals<PreviewOptions>(), distribution);
    });
}

const whatIsData = 'a folder, the id of a data set, or a spec: JSON text or a JSON file (a config works too)';
