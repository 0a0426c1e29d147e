import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { publishedPackages } from '../packages.mjs';
import { ROOT } from '../setup/steps.mjs';

/** A page that imports this much, bundled: its code, with names and texts as they are. */
async function bundled(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
    external: ['@tensorflow/*'],
  });
  return outputFiles[0].text;
}

/** What changes something beyond its module, at the top level: registrations, and fields of others. */
const effect =
  /^(?!export |import |const |let |var |function |class |async |return |\/|\*|\}|\s).*\b(register\w*|useContainer|setBackend|process\.\w+)\(/;

/** The built modules of a package that do so when they are imported. */
function modulesWithEffects(folder) {
  const dist = path.join(folder, 'dist');
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?<!\.spec|\.fixture)\.js$/.test(file),
  );
  return files.filter((file) =>
    readFileSync(path.join(dist, file), 'utf8')
      .split('\n')
      .some((line) => effect.test(line)),
  );
}

describe('case 19: what a bundler may leave out', () => {
  it('case 19: the dropout of saved models stays in a page that only compiles or loads models', async () => {
    const used = [
      "import { compile } from '@flatmin/model-layers'; console.log(compile);",
      "import { batchLoss } from '@flatmin/model-layers'; console.log(batchLoss);",
      "import '@flatmin/model-layers';",
    ];
    for (const contents of used) expect(await bundled(contents)).toMatch(/registerClass\(StepDropout\)/);
    // What has no effect is left out as before.
    expect(await bundled(used[2])).not.toMatch(/function compile\(/);
  });

  it.each(publishedPackages().map(({ folder, manifest }) => [manifest.name, folder, manifest]))(
    'case 19: %s names its modules that have effects',
    (_, folder, { sideEffects }) => {
      const named = sideEffects === false ? [] : sideEffects;
      for (const file of modulesWithEffects(path.resolve(ROOT, folder))) expect(named).toContain(`./dist/${file}`);
    },
  );
});
