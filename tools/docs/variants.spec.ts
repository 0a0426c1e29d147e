import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ROOT as root } from '../setup/steps.mjs';

describe('docs/reference/variants.md', () => {
  it('says what the plugins say', () => {
    const script = path.join(root, 'tools/docs/writeVariants.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8', timeout: 500_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
