import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProgram } from '../command/program.js';
import { bin } from '../terminal/command.fixture.js';
import { answer } from './answer.js';
import { completionsOf } from './completionsOf.js';

const distribution = { version: '1.2.3', plugins: 'flatmin/node' };
const program = createProgram(distribution);
const namesAt = (...words: string[]): string[] => completionsOf(program, words).words.map(({ name }) => name);

describe('what a word may become', () => {
  it('commands, and those inside of commands', () => {
    expect(namesAt('')).toEqual(expect.arrayContaining(['train', 'init', 'runs', 'completion']));
    expect(namesAt('runs', '')).toEqual(expect.arrayContaining(['list', 'query', 'rm']));
    expect(namesAt('--plugin', 'x', 'data', '')).toEqual(expect.arrayContaining(['check', 'preview']));
  });

  it('the options of a command, and those of every command', () => {
    expect(namesAt('train', '--')).toEqual(expect.arrayContaining(['--resume', '--set', '--plugin', '--help']));
    expect(namesAt('train', '--')).not.toContain('--jobs');
  });

  it('the values of an option or an argument, where they can be listed', () => {
    expect(namesAt('evaluate', 'run', '--part', '')).toEqual(['train', 'validation', 'test']);
    expect(namesAt('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it.each([
    [['train', ''], { files: true }],
    [['train', '--out', ''], { files: true }],
    [['evaluate', 'run', '--part', 'test', ''], { files: false }],
    [['plugins', ''], { ids: [], files: false }],
    [['data', 'check', ''], { ids: ['dataset'], files: true }],
    [['init', '--model', ''], { ids: ['model'], files: false }],
  ])('%j: ids and files', (words, expected) => {
    expect(completionsOf(program, words)).toMatchObject(expected);
  });
});

describe('flatmin completion', () => {
  /** The answers to the script of a shell. */
  async function answered(shell: string, line: string): Promise<string[]> {
    const said: string[] = [];
    const { log } = console;
    console.log = (text: string) => void said.push(text);
    try {
      await answer(program, distribution, { SHELL: shell, COMP_LINE: line, COMP_POINT: `${line.length}` });
    } finally {
      console.log = log;
    }
    return said;
  }

  it('answers each shell in its form', async () => {
    expect(await answered('bash', 'flatmin tr')).toEqual(['train']);
    expect(await answered('zsh', 'flatmin doc')).toEqual([expect.stringMatching(/^doctor:show which backend/)]);
    expect(await answered('fish', 'flatmin doc')).toEqual([expect.stringMatching(/^doctor\tshow which backend/)]);
  });

  it('leaves files to the shell', async () => {
    expect(await answered('bash', 'flatmin train con')).toEqual([]);
    expect(await answered('zsh', 'flatmin train con')).toEqual(['__tabtab_complete_files__']);
  });

  it('names the plugins of its kind', async () => {
    expect(await answered('bash', 'flatmin init --method loo')).toEqual(['looksam']);
    expect(await answered('bash', 'flatmin init --model loo')).toEqual([]);
  });

  it('works in a bash, with files where there is nothing else', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
    const script = path.join(directory, 'completion.sh');
    writeFileSync(
      script,
      `flatmin() { '${process.execPath}' '${bin}' "$@"; }
       eval "$(flatmin completion bash)"
       complete -p flatmin
       try() {
         COMP_LINE="$1" COMP_POINT=\${#1} COMP_WORDS=($1) COMPREPLY=()
         [[ $1 == *" " ]] && COMP_WORDS+=("")
         COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
         _flatmin_completion
         echo "$1: \${COMPREPLY[*]}"
       }
       try 'flatmin tr'
       try 'flatmin evaluate run --part '
       try 'flatmin train con'\n`,
    );
    const { stdout, status } = spawnSync('bash', ['--norc', script], { encoding: 'utf8' });
    rmSync(directory, { recursive: true });
    expect({ status, lines: stdout.trim().split('\n') }).toEqual({
      status: 0,
      lines: [
        'complete -o default -F _flatmin_completion flatmin',
        'flatmin tr: train',
        'flatmin evaluate run --part : train validation test',
        'flatmin train con:',
      ],
    });
  });
});
