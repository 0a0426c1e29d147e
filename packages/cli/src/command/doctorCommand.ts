import { describeBackends, loadBackend } from '@flatmin/backend';
import { print, printJson } from '@flatmin/experiments/terminal';

/** Tells what this machine has, and what it lacks. */
export async function doctorCommand(options: { readonly json?: true }): Promise<void> {
  const report = await describeBackends();
  const chosen = await loadBackend().then(
    ({ name }) => name,
    (error: unknown) => `none: ${error instanceof Error ? error.message : String(error)}`,
  );
  if (options.json) {
    printJson({ ...report, chosen });
    return;
  }
  const backends = report.backends.map((backend) =>
    backend.available
      ? `  ${backend.name.padEnd(12)}${backend.version}`
      : `  ${backend.name.padEnd(12)}not available: ${backend.reason}\n${' '.repeat(14)}${backend.remedy}`,
  );
  const advice = report.advice.length === 0 ? ['  nothing that we know of'] : report.advice.map((line) => `  ${line}`);
  const lines = [
    `Backend in use: ${chosen}`,
    `Node.js ${report.node}, TensorFlow.js ${report.tfjs}, ${report.platform}, ${report.cores} cores`,
    '',
    'Backends, best first:',
    ...backends,
    '',
    'What would make it faster:',
    ...advice,
  ];
  print(lines.join('\n'));
}
