import { type BackendName, type LoadedBackend, loadBackend } from '@flatmin/backend';
import type { Callbacks } from '@flatmin/training';
import { phaseText } from '@flatmin/training/node';
import { checkConfig } from '../config/checkConfig.js';
import { type OpenedContainer, openContainer } from '../plugins/openContainer.js';
import type { PluginRequest } from '../plugins/loadPlugin.js';
import { dataPrint } from '../run/dataPrint.js';
import { RunLock } from '../run/runLock.js';
import { leaveSignalsToParent } from '../terminal/interruption.js';
import { cellId } from './identity.js';
import type { CellProgress, CellReply, CellRequest } from './messages.js';
import { runCell } from './runCell.js';

// The entry of a process that trains: does what its parent asks, one request after the other. Its argument is the
// address of the plugins of the distribution.

interface Opened extends OpenedContainer {
  readonly backend: LoadedBackend;
  readonly requests: readonly PluginRequest[];
}

let opened: Opened | undefined;
let stop = new AbortController();

function reply(message: CellReply): void {
  process.send?.(message);
}

async function open({ backend, requests }: Extract<CellRequest, { kind: 'open' }>): Promise<CellReply> {
  const [, , plugins = ''] = process.argv;
  const loaded = await loadBackend(backend as BackendName | 'auto');
  opened = { ...(await openContainer(requests, { version: '', plugins })), backend: loaded, requests };
  return { kind: 'opened', backend: loaded.name, version: loaded.versions.backend };
}

async function identify(request: Extract<CellRequest, { kind: 'identify' }>): Promise<CellReply> {
  const { container, backend } = opened as Opened;
  const { version, threads } = request;
  const config = checkConfig(request.config, 'the config of the run', container);
  const data = await dataPrint(await container.createDataSet(config.dataset));
  const cell = { config, seed: config.seed ?? 0 };
  return {
    kind: 'identified',
    data,
    id: await cellId(cell, data, { version, threads, backend: backend.name }, container),
  };
}

async function run({ folder, config }: Extract<CellRequest, { kind: 'run' }>): Promise<CellReply> {
  const context = opened as Opened;
  try {
    const callbacks = [following()];
    const record = await runCell({ ...context, folder, config, signal: stop.signal, callbacks });
    return { kind: 'ended', ...(record?.stopped === false && { record }) };
  } catch (error) {
    if (RunLock.isTaken(folder)) return { kind: 'busy' };
    throw error;
  }
}

/** Milliseconds between two messages of how a run goes, but for what begins. */
const tellEvery = 1000;

function following(): Callbacks {
  let known: Pick<CellProgress, 'gradientEvaluations' | 'loss' | 'radius'> = {
    gradientEvaluations: 0,
    loss: null,
    radius: null,
  };
  let told = -Infinity;
  let phase = '';
  const tell = (event: Pick<CellProgress, 'doing' | 'step' | 'totalSteps'>): void => {
    told = performance.now();
    reply({ kind: 'progress', progress: { ...event, ...known } });
  };
  const isTime = (): boolean => performance.now() - told >= tellEvery;
  return {
    observesOnly: true,
    onPhase(event) {
      const { step, totalSteps } = event;
      const begins = phase !== `${event.phase} ${event.part}`;
      phase = `${event.phase} ${event.part}`;
      if (begins || isTime()) tell({ step, totalSteps, doing: phaseText(event) });
    },
    onStep({ step, totalSteps }) {
      if (isTime()) tell({ step, totalSteps });
    },
    onLog({ step, totalSteps, gradientEvaluations, loss, radius }) {
      known = { gradientEvaluations, loss, radius };
      tell({ step, totalSteps });
    },
    onCheckpoint: () => reply({ kind: 'checkpoint' }),
  };
}

/** An error as data. */
function plain(error: unknown): CellReply {
  if (!(error instanceof Error)) return { kind: 'failed', message: String(error) };
  const { code } = error as { readonly code?: unknown };
  return {
    kind: 'failed',
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(error.stack && { stack: error.stack }),
  };
}

function answer(request: Exclude<CellRequest, { kind: 'stop' }>): Promise<CellReply> {
  if (request.kind === 'open') return open(request);
  return request.kind === 'identify' ? identify(request) : run(request);
}

leaveSignalsToParent();
process.on('message', (request: CellRequest) => {
  if (request.kind === 'stop') return stop.abort();
  if (request.kind === 'run') stop = new AbortController();
  answer(request).then(reply, (error: unknown) => reply(plain(error)));
});
// A parent that is gone wants no answer, and may have been followed by another that goes on with the folder.
process.on('disconnect', () => process.exit(0));
