#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import module from 'node:module';

/**
 * Whether the command is installed: it is an optional dependency, which a project that only wants the library may leave
 * out.
 */
function isInstalled(): boolean {
  try {
    import.meta.resolve('@flatmin/cli');
    return true;
  } catch {
    return false;
  }
}

// Where Node.js has it (22.8), what was compiled once is not compiled again.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

if (isInstalled()) {
  const { runCommandLine } = await import('@flatmin/cli');
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  process.exitCode = await runCommandLine(process.argv, {
    version: (JSON.parse(manifest) as { version: string }).version,
    plugins: new URL('./node.js', import.meta.url).href,
  });
} else {
  process.stderr.write(
    'flatmin: the command needs @flatmin/cli, which is not installed. Run `npm install @flatmin/cli`.\n',
  );
  process.exitCode = 1;
}
