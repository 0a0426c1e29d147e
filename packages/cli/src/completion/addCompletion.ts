import { Argument, type Command } from 'commander';
import { examples } from '../terminal/examples.js';

/** What the scripts call; nobody else does. */
export const serverCommand = 'completion-server';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** `flatmin completion`. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options, ids and files in a shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .addHelpText(
      'after',
      examples(
        'flatmin completion bash >> ~/.bashrc',
        'flatmin completion zsh >> ~/.zshrc',
        'flatmin completion fish > ~/.config/fish/completions/flatmin.fish',
      ),
    )
    .action(async (shell: (typeof shells)[number]) => {
      const { default: tabtab } = await import('@pnpm/tabtab');
      process.stdout.write(await tabtab.getCompletionScript({ name: 'flatmin', completer: 'flatmin', shell }));
    });
}
