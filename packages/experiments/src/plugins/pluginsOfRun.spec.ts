import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import path from 'node:path';
import { pluginsOfRun } from './pluginsOfRun.js';

let said = '';
beforeEach(() => {
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (said += String(text)) !== '');
});
afterEach(() => void jest.restoreAllMocks());

const from = path.resolve('runs/mine');
const ofFolder = [
  { name: '../../clouds.js', from },
  { name: 'flatmin-linf-sam', from },
];

describe('the plugins of a run folder', () => {
  it('are told by name, and refused until each is named again or the folder is trusted', () => {
    for (const plugin of [undefined, [], ['./clouds.js'], ['flatmin-linf-sam'], ['./other/clouds.js', 'linf-sam']]) {
      expect(() => pluginsOfRun('runs/mine', ofFolder, { plugin })).toThrow(
        expect.objectContaining({ code: 'PLUGIN_NOT_LOADED' }),
      );
    }
    expect(() => pluginsOfRun('runs/mine', ofFolder, { plugin: ['./clouds.js'] })).toThrow(
      /^runs\/mine would load flatmin-linf-sam, which could do anything.*--trust.*--plugin/,
    );
    expect(said).toContain('runs/mine names plugins, which are code: ../../clouds.js, flatmin-linf-sam\n');
  });

  it('are looked for from the working directory where the user names them, never in the folder', () => {
    const admitted = pluginsOfRun('runs/mine', ofFolder, { plugin: ['clouds', './clouds.js', 'flatmin-linf-sam'] });
    expect(admitted).toEqual(
      ['clouds', './clouds.js', 'flatmin-linf-sam'].map((name) => ({ name, from: process.cwd() })),
    );
  });

  it('are as the folder has them where it is trusted; without any there is nothing to say', () => {
    expect(pluginsOfRun('runs/mine', ofFolder, { trust: true })).toEqual(ofFolder);
    said = '';
    expect(pluginsOfRun('runs/mine', [], { plugin: ['./a.js'] })).toEqual([{ name: './a.js', from: process.cwd() }]);
    expect(said).toBe('');
  });
});
