import { describe, expect, it } from '@jest/globals';
import path from 'node:path';
import { loadPlugin } from './loadPlugin.js';

describe('case 23: a path that the user mistook', () => {
  it.each([
    ['./nowhere.js', /^there is no file .*nowhere\.js\. Correct the path, or build the plugin first\./],
    [path.join(__dirname, 'no/folder/plugin.mjs'), /^there is no file .*plugin\.mjs\. Correct/],
    ['./', /plugins is not a file\. Give the file that exports the plugin/],
    ['../plugins', /plugins is not a file/],
  ])("%s is said to be the user's, not a defect of a plugin", async (name, message) => {
    await expect(loadPlugin({ name, from: __dirname })).rejects.toMatchObject({
      code: 'PLUGIN_NOT_LOADED',
      message: expect.stringMatching(message) as unknown,
    });
    await expect(loadPlugin({ name, from: __dirname })).rejects.not.toThrow(/to its author/);
  });
});
