import { type Logger, tokens } from '@flatmin/core';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openContainer } from './openContainer.js';

const distribution = { version: '0.0.0', plugins: 'flatmin/node' };
let [said, printed, logged] = ['', '', 0];

beforeEach(() => {
  [said, printed, logged] = ['', '', 0];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (said += String(text)) !== '');
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => (printed += String(text)) !== '');
  for (const name of ['log', 'warn', 'info', 'error'] as const)
    jest.spyOn(console, name).mockImplementation(() => void logged++);
});
afterEach(() => void jest.restoreAllMocks());

describe('the container of the command', () => {
  it('logs as the command prints: on standard error, without what could command a terminal', async () => {
    const { container } = await openContainer([], distribution);
    const logger = container.get<Logger>(tokens.Logger);
    logger.warn('class \u001b[31mred\u001b[0m \u009b2J\u202eerased');
    logger.info('\u001b]0;a title\u0007step 3');
    expect({ said, printed, logged }).toEqual({ said: 'class red erased\nstep 3\n', printed: '', logged: 0 });
  });

  it('gives that logger to what it makes', async () => {
    const { container } = await openContainer([], distribution);
    const base = { use: 'sgd', learningRate: 0.1 };
    // Valid, and without any effect: the run is over before its window begins.
    container.createOptimizer({ use: 'sam', start: 50, base }, { totalSteps: 10 }).dispose();
    expect({ said, printed, logged }).toEqual({
      said: expect.stringMatching(/^[^\n]*start[^\n]*\n$/) as unknown as string,
      printed: '',
      logged: 0,
    });
  });

  it('leaves the last word to a module that the user names', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flatmin-logger-'));
    const file = path.join(folder, 'logger.cjs');
    const inversify = require.resolve('inversify');
    writeFileSync(
      file,
      `const { ContainerModule } = require(${JSON.stringify(inversify)});
       const lines = (globalThis.linesOfLogger = []);
       module.exports = new ContainerModule(({ rebind }) => {
         rebind(Symbol.for('@flatmin/core/Logger')).toConstantValue({ info: () => {}, warn: (line) => lines.push(line) });
       });`,
    );
    try {
      const { container, refused } = await openContainer([{ name: file, from: folder }], distribution);
      container.get<Logger>(tokens.Logger).warn('here');
      expect({ refused, said }).toEqual({ refused: [], said: '' });
      expect((globalThis as { linesOfLogger?: unknown }).linesOfLogger).toEqual(['here']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
