import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from './usageError.js';

// What several commands take, and how they read it.

export function wholeNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('Use a whole number, 1 or more.');
  return Number(value);
}

export function positiveNumber(value: string): number {
  if (!(Number(value) > 0 && Number.isFinite(Number(value)))) throw new InvalidArgumentError('Use a number above 0.');
  return Number(value);
}

export function seedNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Use a whole number, 0 or more.');
  return Number(value);
}

/** An option that takes one of some values; another one is refused with the one that was probably meant. */
export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, description).choices(choices);
  const parse = option.parseArg;
  option.parseArg = <T>(value: string, previous: T): T => {
    if (choices.includes(value)) return parse?.(value, previous) as T;
    const listed = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
    throw new UsageError(`${flags} takes ${listed}, not ${JSON.stringify(value)}.`, { name: value, known: choices });
  };
  return option;
}

/** Before or after the name of the command. */
export const pluginOption = new Option(
  '--plugin <name>',
  'load the plugins of an installed package, or of a file (./mine.js); repeatable',
).argParser((name: string, names: readonly string[] = []) => [...names, name]);

/** Of commands that take a config. */
export const setOption = new Option(
  '--set <path=value>',
  'a value that replaces the one in the file: optimizer.rho=0.1; repeatable',
).argParser((setting: string, settings: readonly string[] = []) => [...settings, setting]);

/** Of commands that write a page. */
export const openOption = new Option('--open', 'open the page in your browser when it is written');

/** Of commands that take the folder of a run. */
export const trustOption = new Option(
  '--trust',
  'load the plugins that the run folder names; they can do anything that you can',
);

/** Of whoever has to do with the files of runs. */
export const storageOption = (): Option =>
  new Option(
    '--storage <folder>',
    'a folder that all machines share, through which the files of runs go; default: Redis itself, up to 256 MiB per run',
  );
