import { build, type Metafile } from 'esbuild';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const ours = /^(@flatmin\/|flatmin)/;
const registers = /\bregister\w+\(/;

/**
 * By program, what its imports leave in its process: packages of TensorFlow.js, with their gradients and backends, and
 * our modules that register something. Programs of which this is the same can share a process. With others, one could
 * run only because another had imported what it forgot.
 */
export async function registrationsOf(
  programs: readonly string[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const { metafile } = await build({
    entryPoints: [...programs],
    absWorkingDir: folder,
    outdir: folder,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: [
      {
        name: 'packages of others stay as they are',
        setup: (bundler) =>
          bundler.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) =>
            kind === 'entry-point' || ours.test(name) ? undefined : { path: name, external: true },
          ),
      },
    ],
  });
  const registering = Object.keys(metafile.inputs).filter((file) =>
    registers.test(readFileSync(path.resolve(folder, file), 'utf8')),
  );
  return new Map(
    programs.map((program) => {
      const imported = importedBy(path.relative(folder, program), metafile);
      const all = [...imported].filter((name) => name.startsWith('@tensorflow/') || registering.includes(name));
      return [
        program,
        all
          .filter((name) => !program.endsWith(name))
          .sort()
          .join(' '),
      ];
    }),
  );
}

/** The modules that a program imports before it begins, and the packages of others. */
function importedBy(program: string, { inputs }: Metafile): ReadonlySet<string> {
  const found = new Set([program]);
  for (const name of found) {
    for (const { path: to, kind } of inputs[name]?.imports ?? []) if (kind === 'import-statement') found.add(to);
  }
  return found;
}
