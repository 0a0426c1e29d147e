import type { Readable, Writable } from 'node:stream';
import { autocomplete, isCancel, select, text } from '@clack/prompts';
import { terminalText } from '@flatmin/experiments/terminal';

/** One answer of several. */
export interface Choice<T extends string = string> {
  readonly value: T;
  /** What is said of it. */
  readonly hint?: string;
}

/** Asks on a terminal; questions go to standard error, as all that is not a result. */
export interface Questions {
  /** A text that is not empty. */
  text(message: string, placeholder: string): Promise<string>;
  /** One of some choices, the first one chosen. */
  choice(message: string, choices: readonly Choice[]): Promise<string>;
}

/** Whether somebody can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Thrown where the user leaves a question, by Ctrl-C or Escape. */
export class Left extends Error {}

/** Questions by @clack/prompts; of many choices the user may type a part. */
export function questionsOn(streams: { readonly input?: Readable; readonly output: Writable }): Questions {
  return {
    text: async (message, placeholder) =>
      answered(
        await text({
          ...streams,
          message,
          placeholder,
          validate: (value) => ((value ?? '').trim() === '' ? 'Enter a text.' : undefined),
        }),
      ).trim(),
    async choice(message, choices) {
      const options = choices.map(({ value, hint }) => ({
        value,
        label: terminalText(value),
        ...(hint !== undefined && { hint: terminalText(hint) }),
      }));
      const asked = { ...streams, message, options, maxItems: many };
      return answered(choices.length > many ? await autocomplete(asked) : await select(asked));
    },
  };
}

/** Choices from which on one types a part of a name. */
const many = 8;

function answered(answer: string | symbol): string {
  if (isCancel(answer)) throw new Left();
  return answer as string;
}
