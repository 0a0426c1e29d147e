import type { Argument, Command, Option } from 'commander';

/** A word that may stand there, and what it means. */
export interface Completion {
  readonly name: string;
  readonly description: string;
}

/** What may stand at the end of a line: some words, ids of plugins, or the name of a file. */
export interface Completions {
  readonly words: readonly Completion[];
  /** Kinds of plugins whose ids may stand there; empty for those of all kinds. */
  readonly ids?: readonly string[];
  readonly files: boolean;
}

/** Where ids of plugins stand: arguments and options, by command. */
const ids: Readonly<Record<string, readonly string[]>> = {
  'plugins id': [],
  'check data': ['dataset'],
  'preview data': ['dataset'],
  'init --data': ['dataset'],
  'init --model': ['model'],
  'init --method': ['variant', 'meta', 'base'],
};

/** What holds files besides ids. */
const alsoFiles = new Set(['check data', 'preview data', 'init --data']);

/**
 * What the last of some words may become, by the commands and options that there are; the words before it are those
 * after the name of the program.
 */
export function completionsOf(program: Command, words: readonly string[]): Completions {
  const before = words.slice(0, -1);
  const word = words.at(-1) ?? '';
  const { command, place, option } = walked(program, before);
  if (option !== undefined) return valuesOf(option, `${command.name()} ${option.long}`);
  if (word.startsWith('-')) return only(optionsOf(command));
  const argument = argumentAt(command, place);
  if (argument !== undefined) return valuesOf(argument, `${command.name()} ${argument.name()}`);
  return only(command.createHelp().visibleCommands(command).map(nameAndDescription));
}

const only = (words: readonly Completion[]): Completions => ({ words, files: false });

/** The command that the words name, how many of its arguments stand there, and the option that waits for a value. */
function walked(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly place: number; readonly option: Option | undefined } {
  let [command, place, option]: [Command, number, Option | undefined] = [program, 0, undefined];
  for (const word of words) {
    if (option !== undefined) option = undefined;
    else if (word.startsWith('-')) option = waiting(command, word);
    else {
      const inner = command.commands.find((each) => each.name() === word);
      if (inner === undefined) place += 1;
      else [command, place] = [inner, 0];
    }
  }
  return { command, place, option };
}

/** The option of a word, where its value is the next one. */
function waiting(command: Command, word: string): Option | undefined {
  const options = [...command.options, ...(command.parent?.options ?? []), ...rootOf(command).options];
  return options.find(({ long, short, required }) => required && (long === word || short === word));
}

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

function optionsOf(command: Command): readonly Completion[] {
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  return options.flatMap(({ long, description }) => (long == null ? [] : [{ name: long, description }]));
}

function argumentAt({ registeredArguments }: Command, place: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[place] ?? (last?.variadic === true ? last : undefined);
}

/** Choices, ids, or else a file: what is a number or a text, nobody can complete. */
function valuesOf({ argChoices }: Pick<Option, 'argChoices'> | Argument, where: string): Completions {
  const choices = argChoices ?? [];
  if (choices.length > 0) return only(choices.map((name) => ({ name, description: '' })));
  const kinds = ids[where];
  return { words: [], files: kinds === undefined || alsoFiles.has(where), ...(kinds !== undefined && { ids: kinds }) };
}

const nameAndDescription = (command: Command): Completion => ({
  name: command.name(),
  description: command.description(),
});
