import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { Left, questionsOn } from './questions.js';

const down = '\u001b[B';
const enter = '\r';

/** What is asked on a terminal, and the keys that are pressed once it is. */
function terminal(...keys: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  Object.assign(input, { isTTY: true, setRawMode: () => input });
  Object.assign(output, { isTTY: true, columns: 80, rows: 24 });
  let text = '';
  output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  keys.forEach((key, i) => setTimeout(() => input.write(key), 30 * (i + 1)));
  return { questions: questionsOn({ input, output }), said: () => text };
}

describe('questionsOn', () => {
  it('takes the first choice by Enter, another by the arrows', async () => {
    const choices = [{ value: 'mlp', hint: 'dense' }, { value: 'resnet' }];
    const { questions, said } = terminal(enter);
    expect(await questions.choice('The model', choices)).toBe('mlp');
    expect(said()).toContain('The model');
    expect(said()).toContain('dense');
    expect(await terminal(down, enter).questions.choice('The model', choices)).toBe('resnet');
  });

  it('finds one of many by a part of its name', async () => {
    const choices = Array.from({ length: 30 }, (_, i) => ({ value: `method-${i}` }));
    expect(await terminal('2', '7', enter).questions.choice('The method', choices)).toBe('method-27');
  });

  it('takes a text, and asks again for none', async () => {
    const { questions, said } = terminal(enter, 'my.csv ', enter);
    expect(await questions.text('Your data', 'my.csv')).toBe('my.csv');
    expect(said()).toContain('Enter a text.');
  });

  it('is left by Ctrl-C', async () => {
    await expect(terminal('\u0003').questions.choice('The model', [{ value: 'mlp' }])).rejects.toBeInstanceOf(Left);
  });
});
