import { describe, expect, it } from '@jest/globals';
import { createProgram } from './program.js';

const distribution = { version: '1.2.3', plugins: 'flatmin/node' };

/** What the program prints for some arguments, without ending this process. */
async function printed(...args: string[]): Promise<string> {
  const program = createProgram(distribution);
  let text = '';
  const write = (chunk: string): void => void (text += chunk);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: write, writeErr: write });
  }
  await program.parseAsync(['node', 'flatmin', ...args]).catch(() => undefined);
  return text;
}

describe('flatmin', () => {
  it('has help with examples for itself and every command', async () => {
    const names = [
      'quickstart',
      'init',
      'train',
      'compare',
      'worker',
      'queue',
      'evaluate',
      'predict',
      'export',
      'analyze',
      'runs',
      'data',
      'plugins',
      'schema',
      'doctor',
      'completion',
    ];
    expect(createProgram(distribution).commands.map((command) => command.name())).toEqual(names);
    for (const args of [[], ...names.map((name) => [name])]) {
      const text = await printed(...args, '--help');
      expect(text).toContain('Usage: flatmin');
      expect(text).toMatch(/Examples:\n {2}\$ flatmin/);
    }
  });

  it('prints its version', async () => {
    expect(await printed('--version')).toBe('1.2.3\n');
  });

  it('proposes the command that was meant', async () => {
    expect(await printed('trian')).toContain('Did you mean train?');
  });

  it.each([
    ['quickstart', '--epochs', '0'],
    ['quickstart', '--seeds', '1.5'],
  ])('refuses %s %s %s before any work', async (...args) => {
    expect(await printed(...args)).toContain('Use a whole number, 1 or more.');
  });

  it.each(['quickstart', 'doctor'])('refuses a plugin for %s, which would not look at it', async (command) => {
    expect(await printed(command, '--plugin', 'acme')).toContain(
      `${command} does not read specs, so it does not take --plugin`,
    );
  });

  it('needs a config to train, or a run to go on with', async () => {
    await expect(createProgram(distribution).parseAsync(['node', 'flatmin', 'train'])).rejects.toThrow(
      'there is no config file. Use flatmin train config.json, or flatmin train --resume directory.',
    );
  });
});
