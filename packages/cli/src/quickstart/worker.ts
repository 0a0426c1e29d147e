import { type BackendName, loadBackend } from '@flatmin/backend';
import { createContainer, type FlatminContainer } from '@flatmin/core';
import { type Experiment, runExperiment, pluginsOfDistribution, terminalLogger } from '@flatmin/experiments/internal';
import { leaveSignalsToParent } from '@flatmin/experiments/terminal';
import type { Reply, ReplyValue, Request } from './messages.js';

// The entry of a worker process: does what the parent asks, one request after the other. Its argument is where the
// plugins are.

let container: FlatminContainer | undefined;

function reply(message: Reply): void {
  process.send?.(message);
}

async function answer(request: Request): Promise<ReplyValue> {
  switch (request.kind) {
    case 'load': {
      const { name, versions } = await loadBackend(request.backend as BackendName | 'auto');
      return { backend: name, version: versions.backend };
    }
    case 'run':
      return run(request.experiment);
  }
}

async function run(experiment: Experiment) {
  const [, , plugins = ''] = process.argv;
  container ??= createContainer({ plugins: await pluginsOfDistribution({ plugins }), modules: [terminalLogger] });
  const write = (line: Extract<Reply, { kind: 'metrics' }>['line']): void => reply({ kind: 'metrics', line });
  const onLog = ({ step, totalSteps }: { step: number; totalSteps: number }): void =>
    reply({ kind: 'steps', done: step, total: totalSteps });
  return runExperiment(experiment, { container, write, callbacks: [{ onLog }] });
}

/** An error as data. */
function plain(error: unknown): { readonly message: string; readonly code?: string; readonly stack?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { readonly code?: unknown };
  return {
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(error.stack && { stack: error.stack }),
  };
}

leaveSignalsToParent();
process.on('message', (request: Request) => {
  answer(request).then(
    (value) => reply({ kind: 'done', value }),
    (error: unknown) => reply({ kind: 'failed', ...plain(error) }),
  );
});
// A parent that is gone wants no answer.
process.on('disconnect', () => process.exit(0));
