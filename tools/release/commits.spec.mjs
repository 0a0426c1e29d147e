import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

/** What commitlint says of a message, under commitlint.config.mjs. */
function linted(message) {
  const cli = path.join(root, 'node_modules/@commitlint/cli/cli.js');
  const { status, stdout } = spawnSync(process.execPath, [cli, '--no-color'], {
    cwd: root,
    encoding: 'utf8',
    input: message,
  });
  return { status, rules: [...stdout.matchAll(/\[([a-z-]+)\]$/gm)].map(([, rule]) => rule) };
}

describe('commit messages', () => {
  it.each([
    'feat(sam): a feature',
    'fix(core, model-layers)!: other numbers',
    'feat!: another contract, in whatever packages it touches',
    'docs: a guide',
  ])('%j is one that a release can read', (message) => {
    expect(linted(message)).toEqual({ status: 0, rules: [] });
  });

  it.each([
    ['wip', ['subject-empty', 'type-empty']],
    ['feature(sam): a feature', ['type-enum']],
    ['fix(as-am)!: a scope that names nothing', ['breaking-scope']],
    ['fix(core, tools): no break\n\nBREAKING CHANGE: or is it?', ['breaking-scope']],
    [`feat(sam): ${'long '.repeat(30)}end`, ['header-max-length']],
  ])('%j is refused by %j', (message, rules) => {
    expect(linted(message)).toEqual({ status: 1, rules });
  });
});
