import { describe, expect, it } from '@jest/globals';
import { openComparison, openContainer } from '@flatmin/experiments/internal';
import { quickstartConfig, startRadius } from './config.js';

const distribution = { version: '0.0.0', plugins: 'flatmin/node' };

describe('the quickstart', () => {
  it('is a comparison of six rows, which starts both forms of LETS at the small radius', async () => {
    const opened = { ...(await openContainer([], distribution)), requests: [], distribution };
    const { grid } = openComparison(quickstartConfig({ epochs: 2, seeds: 2 }), 'the quickstart', opened);
    expect(grid.tasks.map(({ rows }) => rows.map(({ name }) => name))).toEqual([
      ['SGD', 'SAM, rho 0.02', 'SAM, rho 0.5', 'SAM, rho 1', 'LETS-SAM, paper', 'LETS-SAM, robust'],
    ]);
    expect([grid.reference, grid.cells.length]).toEqual(['SGD', 12]);
    const inner = grid.cells.flatMap(({ config: { optimizer } }) => optimizer['inner'] ?? []);
    expect(inner).toEqual(
      Array.from({ length: 4 }, () => expect.objectContaining({ use: 'sam', rho: startRadius }) as unknown),
    );
    // All else is the same for all methods.
    const settings = grid.cells.map(({ config: { optimizer: _, name: __, seed: ___, ...rest } }) => rest);
    for (const setting of settings) expect(setting).toEqual(settings[0]);
  });
});
